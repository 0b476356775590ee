"""The services that the recipes of frameworks are put into: two endpoints each, without a metric of their own.

`{recipe}` is where the page's lines go, PORT and PAGE are the ports of the service and of a page of its own.
"""

FASTAPI = """
import asyncio, sys
import uvicorn
from fastapi import FastAPI, Response

app = FastAPI()

async def answer(slow: int = 0, fail: int = 0):
    await asyncio.sleep({slow} if slow else {fast})
    return Response(status_code=503 if fail else 200)

app.get("/concierge")(answer)
app.post("/capsules")(answer)
{recipe}
uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning")
"""

FLASK = """
import time
from flask import Flask, request

app = Flask(__name__)

def answer():
    time.sleep({slow} if request.args["slow"] == "1" else {fast})
    return "", 503 if request.args["fail"] == "1" else 200

app.add_url_rule("/concierge", "show", answer, methods=["GET"])
app.add_url_rule("/capsules", "hold", answer, methods=["POST"])
{recipe}
app.run(host="127.0.0.1", port=PORT, threaded=True)
"""

DJANGO = """
import socketserver, time
import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import include, path
from wsgiref.simple_server import WSGIServer, make_server

def answer(request):
    time.sleep({slow} if request.GET["slow"] == "1" else {fast})
    return HttpResponse(status=503 if request.GET["fail"] == "1" else 200)

INSTALLED_APPS, MIDDLEWARE = [], []
urlpatterns = [path("concierge", answer, name="concierge"), path("capsules", answer, name="capsules")]
{recipe}
settings.configure(
    ALLOWED_HOSTS=["*"], SECRET_KEY="x", ROOT_URLCONF=__name__, INSTALLED_APPS=INSTALLED_APPS, MIDDLEWARE=MIDDLEWARE,
    PROMETHEUS_LATENCY_BUCKETS=PROMETHEUS_LATENCY_BUCKETS,
)
django.setup()

class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True

make_server("127.0.0.1", PORT, get_wsgi_application(), Server).serve_forever()
"""

EXPRESS = """
const app = require("express")();
{recipe}
const answer = (request, response) =>
  setTimeout(() => response.status(request.query.fail === "1" ? 503 : 200).end(),
    request.query.slow === "1" ? {slow} * 1000 + 2 : {fast} * 1000);
app.get("/concierge", answer);
app.post("/capsules", answer);
app.listen(PORT, "127.0.0.1");
"""


def put_into(service, lines, port, page, *, fast, slow):
    """Return a service with the page's lines in it; the recipes' own port stands for `page`."""
    for name, value in (("{fast}", fast), ("{slow}", slow), (" PORT", f" {port}"), ("=PORT", f"={port}")):
        service = service.replace(name, str(value))
    service = service.replace("listen(PORT", f"listen({port}")
    return service.replace("{recipe}", lines.replace("9464", f'{page}, "127.0.0.1"'))
