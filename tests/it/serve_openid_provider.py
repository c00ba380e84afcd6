# A provider of OpenID Connect, which counts how often it is asked for keys, and for how many tokens at once.
import base64, hashlib, hmac, http.server, json, sys, threading, time, urllib.parse
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
encode = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=").decode()
number = lambda value: encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))
key, other, curve = rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP256R1())
public, point = key.public_key().public_numbers(), curve.public_key().public_numbers()
keys = [
    {"kty": "RSA", "kid": "r", "use": "sig", "n": number(public.n), "e": number(public.e)},
    {"kty": "EC", "kid": "e", "crv": "P-256", "x": encode(point.x.to_bytes(32, "big")), "y": encode(point.y.to_bytes(32, "big"))},
    {"kty": "RSA", "kid": "enc", "use": "enc", "n": number(public.n), "e": number(public.e)},
]
codes = {}
counts = {"keys": 0, "tokens": 0, "most tokens at once": 0}
lock = threading.Lock()
def count_token(how_many):
    with lock:
        counts["tokens"] += how_many
        counts["most tokens at once"] = max(counts["most tokens at once"], counts["tokens"])
def token(how, nonce, mail):
    now = int(time.time())
    claims = {"iss": issuer, "aud": "portstatus", "sub": "1", "nonce": nonce, "iat": now, "exp": now + 300, "email": mail, "email_verified": True}
    head = {"alg": "RS256", "kid": "r"}
    claims |= {
        "audience": {"aud": "another"}, "audiences": {"aud": ["portstatus", "another"]}, "party": {"azp": "another"}, "issuer": {"iss": issuer + "/"},
        "expired": {"exp": now - 3600}, "text": {"exp": "tomorrow"}, "future": {"iat": now + 3600}, "early": {"nbf": now + 3600}, "early-text": {"nbf": "x"},
        "nonce": {"nonce": "another"}, "unverified": {"email_verified": False}, "word": {"email_verified": "true"},
    }.get(how, {})
    for absent in {"no-expiry": ["exp"], "no-nonce": ["nonce"], "nobody": ["email"], "not-said": ["email_verified"]}.get(how, []):
        del claims[absent]
    head |= {"ps256": {"alg": "PS256"}, "es256": {"alg": "ES256", "kid": "e"}, "none": {"alg": "none"}, "hmac": {"alg": "HS256"}, "stranger": {"kid": "x"},
             "encryption": {"kid": "enc"}, "crossed": {"kid": "e"}, "nameless": {"kid": None}, "critical": {"crit": ["x"]}, "embedded": {"kid": "r", "jwk": {"kty": "RSA", "n": number(other.public_key().public_numbers().n), "e": "AQAB"}}}.get(how, {})
    signed = (encode(json.dumps(head).encode()) + "." + encode(json.dumps(claims).encode())).encode()
    if how == "none":
        signature = b""
    elif how == "hmac":
        signature = hmac.new(number(public.n).encode(), signed, hashlib.sha256).digest()
    elif how == "es256":
        r, s = utils.decode_dss_signature(curve.sign(signed, ec.ECDSA(hashes.SHA256())))
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    elif how == "ps256":
        signature = key.sign(signed, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    else:
        signature = (other if how in ("signature", "embedded", "nameless") else key).sign(signed, padding.PKCS1v15(), hashes.SHA256())
    if how == "changed":
        signed = (signed.split(b".")[0].decode() + "." + encode(json.dumps(claims | {"sub": "2"}).encode())).encode()
    return signed.decode() + "." + encode(signature)
class Provider(http.server.BaseHTTPRequestHandler):
    def answer(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        path, _, query = self.path.partition("?")
        asked = dict(urllib.parse.parse_qsl(query))
        if path == "/.well-known/openid-configuration":
            self.answer({"issuer": issuer, "authorization_endpoint": issuer + "/authorize", "token_endpoint": issuer + "/token", "jwks_uri": issuer + "/keys"})
        elif path == "/keys":
            counts["keys"] += 1
            self.answer({"keys": keys})
        elif path == "/counts":
            self.answer(counts)
        else:
            assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256" and "openid" in asked["scope"].split()
            code = hashlib.sha256(query.encode()).hexdigest()
            codes[code] = asked
            self.send_response(303)
            self.send_header("Location", asked["redirect_uri"] + "?" + urllib.parse.urlencode({"code": code, "state": asked["state"]}))
            self.end_headers()
    def do_POST(self):
        form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        asked = codes.pop(form["code"], None)
        proof = encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        login = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        if not asked or proof != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"] or login != "portstatus:s%26cret":
            return self.answer({"error": "invalid_grant"}, 400)
        count_token(1)
        if asked.get("how") == "slow":
            time.sleep(2)
        count_token(-1)
        self.answer({"access_token": "x", "token_type": "Bearer", "id_token": token(asked.get("how", "good"), asked["nonce"], asked.get("mail", "ann@north.example"))})
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer.request_queue_size = 64
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
issuer = f"http://127.0.0.1:{server.server_port}"
print(issuer, flush=True)
server.serve_forever()
