"""Which documents are there twice: keys, ids, how far apart, who wrote them; on data, on nothing, on odd keys."""

from bson import ObjectId
from msgspec.structs import replace

from cockpit.sources.mongo.lookups import duplicate_documents as look
from cockpit.sources.mongo.lookups.duplicate_documents import duplicate_documents
from sessions.values.verdicts import Mark
from tests.support.build import PLAN, T0
from tests.support.sources.looking import looked, only, plain, told
from tests.support.sources.mongo_asking import ago

__all__ = ["looked", "plain"]
CAPSULES, LISTS, RETURNS = (rule.name for rule in PLAN.collections)


async def insert(base, name, *documents):
    await base[name].insert_many([dict(one) for one in documents])


def capsule(name, shopper="s1", look="l1", age=60.0, **more):
    return {"_id": name, "shopperId": shopper, "lookId": look, "createdAt": ago(age), **more}


async def test_each_document_of_a_key_is_told_with_who_wrote_it(looked):
    first = capsule("a", age=90, requestId="r1", pod="one")
    copy = capsule("b", age=84.5, requestId="r2", pod="two")
    await insert(looked.base, CAPSULES, copy, first, capsule("c", "s2"), capsule("d", "s3"))
    found = await duplicate_documents(looked.desk())
    assert [one.title.partition(" ")[0] for one in found] == [CAPSULES, LISTS, RETURNS]
    twice = only(found, f"{CAPSULES} there twice, by shopperId, lookId")
    assert [(one.what, one.value, one.bound, one.at, one.mark) for one in twice.rows] == [
        ("s1 · l1", "a · requestId=r1 · pod=one", "the first", ago(90), None),
        ("s1 · l1", "b · requestId=r2 · pod=two", "5.5s after the first", ago(84.5), Mark.BREACH),
    ]
    assert twice.trouble == ""


async def test_what_is_not_there_twice_is_good_only_after_a_look_through_all(looked, monkeypatch):
    await insert(looked.base, CAPSULES, capsule("a"), capsule("b", "s2"))
    clean = only(await duplicate_documents(looked.desk()), CAPSULES)
    assert (told(clean), clean.rows[0].mark) == ([("there twice", "none", "0")], Mark.PASS)

    async def slow(*_):
        raise TimeoutError

    monkeypatch.setattr(look, "repeated_keys", slow)
    unsure = only(await duplicate_documents(looked.desk()), CAPSULES)
    assert unsure.rows == ()
    assert unsure.trouble == "only the newest 200 were looked up: a look through all takes too long"
    await insert(looked.base, CAPSULES, capsule("z"))
    assert len(only(await duplicate_documents(looked.desk()), CAPSULES).rows) == 2


async def test_without_a_named_date_the_id_tells_or_nothing_does(plain):
    made = [ObjectId.from_datetime(ago(age)) for age in (600, 300)]
    rows = [{"_id": name, "shopperId": "s", "lookId": "l"} for name in (*made, "odd")]
    await insert(plain.base, CAPSULES, *rows)
    found = only(await duplicate_documents(plain.desk()), CAPSULES)
    assert [(one.value, one.bound) for one in found.rows] == [
        (str(made[0]), "the first"),
        (str(made[1]), "5m00s after the first"),
        ("odd", "without a date"),
    ]


async def test_many_keys_and_many_copies_end_and_say_so(looked):
    rows = [capsule(f"k{key}-{n}", f"s{key}", age=n) for key in range(8) for n in range(6)]
    await insert(looked.base, CAPSULES, *rows)
    found = only(await duplicate_documents(looked.desk()), CAPSULES)
    assert len(found.rows) <= 20
    assert len([one for one in found.rows if one.value == "and more of them"]) >= 3


async def test_keys_that_are_no_plain_values_or_not_whole_reach_no_filter(looked):
    odd = [capsule(f"o{n}", {"$gt": ""}) for n in range(2)]
    without = [{"_id": f"w{n}", "lookId": "x"} for n in range(3)]
    markup = [capsule(f"m{n}", "[/]\x1b[31m") for n in range(2)]
    await insert(looked.base, CAPSULES, *odd, *without, *markup)
    found = only(await duplicate_documents(looked.desk()), CAPSULES)
    assert {one.what for one in found.rows} == {"[/]^[[31m · l1"}
    assert found.trouble == "1 keys are no plain values"


async def test_a_plan_without_keys_says_so(looked):
    bare = replace(PLAN, collections=tuple(replace(rule, key=()) for rule in PLAN.collections))
    (found,) = await duplicate_documents(looked.desk(plan=bare))
    assert (found.rows, found.trouble, found.at) == ((), "no collection of the plan has a key", T0)
