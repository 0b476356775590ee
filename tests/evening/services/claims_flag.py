"""The claims desk's own tool for its flag: `claims_flag.py get` prints the share, `claims_flag.py set 25` sets it."""

import os
import sys

from pymongo import MongoClient

settings = MongoClient(os.environ["CLAIMS_MONGO_URI"], serverSelectionTimeoutMS=3000).desk.settings
if sys.argv[1] == "get":
    print((settings.find_one({"_id": "quick-claims"}) or {"percent": 0})["percent"])
else:
    settings.update_one({"_id": "quick-claims"}, {"$set": {"percent": int(sys.argv[2])}}, upsert=True)
