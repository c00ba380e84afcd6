"""A Spark Connect server that does to a client what servers and networks do: the statement says what."""

import ipaddress
import datetime
import os
import sys
import threading
import time
from concurrent import futures

import grpc
import pyarrow as pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyspark.sql.connect.proto import base_pb2 as messages
from pyspark.sql.connect.proto import base_pb2_grpc

BATCHES, ROWS = 5, 3
TOKEN = "canary-engine-9kX"


def batch(index, rows=ROWS):
    numbers = pa.array(range(index * ROWS, index * ROWS + rows), pa.int64())
    table = pa.record_batch([numbers], names=["id"])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_batch(table)
    return sink.getvalue().to_pybytes()


class Server(base_pb2_grpc.SparkConnectServiceServicer):
    def __init__(self, folder, token):
        self.folder, self.token = folder, token
        self.operations, self.interrupted, self.counts = {}, set(), {}
        self.lock = threading.Lock()

    def log(self, operation, line):
        with self.lock, open(os.path.join(self.folder, f"log-{operation}"), "a") as file:
            file.write(line + "\n")

    def count(self, key):
        with self.lock:
            self.counts[key] = self.counts.get(key, 0) + 1
            return self.counts[key]

    def admit(self, context):
        if self.token and ("authorization", f"Bearer {self.token}") not in context.invocation_metadata():
            context.abort(grpc.StatusCode.UNAUTHENTICATED, f"Invalid token, not {self.token}")

    def AnalyzePlan(self, request, context):
        self.admit(context)
        answer = messages.AnalyzePlanResponse(session_id=request.session_id, server_side_session_id="first")
        answer.spark_version.version = "4.3.0-faulty"
        return answer

    def Config(self, request, context):
        self.admit(context)
        return messages.ConfigResponse(session_id=request.session_id, server_side_session_id="first")

    def ReleaseSession(self, request, context):
        self.log(request.session_id, "release session")
        return messages.ReleaseSessionResponse(session_id=request.session_id, server_side_session_id="first")

    def Interrupt(self, request, context):
        self.log(request.session_id, "interrupt")
        self.interrupted.add(request.operation_id)
        return messages.InterruptResponse(session_id=request.session_id, server_side_session_id="first")

    def ReleaseExecute(self, request, context):
        kind = request.WhichOneof("release")
        self.log(request.session_id, "release all" if kind == "release_all" else f"release {request.release_until.response_id}")
        return messages.ReleaseExecuteResponse(session_id=request.session_id, server_side_session_id="first")

    def ExecutePlan(self, request, context):
        self.admit(context)
        self.log(request.session_id, "execute")
        sql = request.plan.root.sql.query
        if sql == "lost on its way" and self.count(request.operation_id) <= 2:
            context.abort(grpc.StatusCode.UNAVAILABLE, "the network is gone")
        if sql == "away":
            context.abort(grpc.StatusCode.UNAVAILABLE, "the engine is gone")
        if sql == "bad row":
            context.abort(grpc.StatusCode.INTERNAL, "[CAST_INVALID_INPUT] The value 'canary-row' of a row cannot be cast. SQLSTATE: 22018")
        if sql == "bad row without a class":
            context.abort(grpc.StatusCode.INTERNAL, "cannot cast 'canary-row' of \"canary-column\" for +1 212-555-0199\nat canary-trace")
        self.operations[request.operation_id] = sql
        yield from self.stream(request, sql, 0, context)

    def ReattachExecute(self, request, context):
        self.admit(context)
        self.log(request.session_id, f"reattach {request.last_response_id or '-'}")
        sql = self.operations.get(request.operation_id)
        if sql is None or sql == "forgotten":
            context.abort(grpc.StatusCode.INTERNAL, "[INVALID_HANDLE.OPERATION_NOT_FOUND] The handle is invalid. SQLSTATE: HY000")
        after = int(request.last_response_id[1:]) + 1 if request.last_response_id else 0
        yield from self.stream(request, sql, 0 if sql == "from the start" else after, context)

    def response(self, request, index, sql):
        answer = messages.ExecutePlanResponse(
            session_id=request.session_id,
            operation_id=request.operation_id,
            server_side_session_id="second" if sql == "started anew" and index == 3 else "first",
            response_id="" if sql == "without names" else f"r{index}",
        )
        if sql == "another statement" and index == 2:
            answer.operation_id = "00112233-4455-6677-8899-aabbccddeeff"
        if index == BATCHES:
            answer.result_complete.SetInParent()
        else:
            answer.arrow_batch.row_count = ROWS
            answer.arrow_batch.data = batch(index, ROWS - 1 if sql == "rows missing in a batch" and index == 2 else ROWS)
            if sql not in ("without offsets", "twice without offsets"):
                answer.arrow_batch.start_offset = index * ROWS + (ROWS if sql == "a batch missing" and index >= 2 else 0)
        return answer

    def stream(self, request, sql, start, context):
        if sql == "mute":
            return
        if sql == "slow":
            for index in range(600):
                if request.operation_id in self.interrupted:
                    context.abort(grpc.StatusCode.INTERNAL, "[OPERATION_CANCELED] Operation has been canceled. SQLSTATE: HY008")
                answer = self.response(request, 0, sql)
                answer.response_id = f"p{index}"
                progress = answer.execution_progress
                progress.stages.add(num_tasks=4, num_completed_tasks=min(index, 3), input_bytes_read=1000)
                progress.num_inflight_tasks = 1
                yield answer
                time.sleep(0.1)
        sent = 0
        for index in range(start, BATCHES + 1):
            if sql == "never complete" and index == BATCHES:
                return
            if sql in ("ended early", "forgotten", "from the start", "without offsets", "without names") and sent == 2:
                return
            if sql == "breaks" and sent == 1:
                context.abort(grpc.StatusCode.UNAVAILABLE, "the network is gone")
            yield self.response(request, index, sql)
            sent += 1
            if sql in ("twice", "twice without offsets"):
                yield self.response(request, index, sql)
            if sql == "large":
                time.sleep(0.05)


def certificates(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    with open(os.path.join(folder, "authority.pem"), "wb") as file:
        file.write(pem)
    no_password = serialization.NoEncryption()
    key_pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, no_password)
    return grpc.ssl_server_credentials([(key_pem, pem)])


def main(folder):
    ports, servers = [], []
    for token, credentials in [(None, None), (TOKEN, None), (TOKEN, certificates(folder))]:
        server = grpc.server(futures.ThreadPoolExecutor(max_workers=40))
        base_pb2_grpc.add_SparkConnectServiceServicer_to_server(Server(folder, token), server)
        address = "127.0.0.1:0"
        ports.append(server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address))
        server.start()
        servers.append(server)
    with open(os.path.join(folder, "ports.new"), "w") as file:
        file.write(" ".join(map(str, ports)))
    os.rename(os.path.join(folder, "ports.new"), os.path.join(folder, "ports"))
    servers[0].wait_for_termination()


main(sys.argv[1])
