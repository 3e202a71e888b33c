"""Starts the origin, nginx and haniel, alike: own session each (scheduler autogroups share by session), one worker,
the same certificate, an access log, and their core."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

from . import configurations

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

# The servers under test have this core for themselves; load generator and origin share the other one.
SERVER_CORE, LOAD_CORE = 0, 1


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process, name, log):
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"{name} did not start: {log.read_text(errors='replace')[-2000:]}")


class Server:
    """One running server: its processes, its two ports."""

    def __init__(self, name, process, plain_port, tls_port):
        self.name = name
        self.process = process
        self.plain_port = plain_port
        self.tls_port = tls_port

    def workers(self):
        """The processes that serve requests: nginx's children, or the process itself."""
        if self.name != "nginx":
            return [self.process.pid]
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(child) for child in children]

    def cpu_seconds(self):
        """User and system time of the workers so far, by the kernel's clock ticks (10 ms)."""
        ticks = 0
        for worker in self.workers():
            fields = pathlib.Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def pss_bytes(self):
        total = 0
        for process in {self.process.pid, *self.workers()}:
            rollup = pathlib.Path(f"/proc/{process}/smaps_rollup").read_text()
            total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) * 1024
        return total


class Bench:
    """Owns the folder and every process of one run; leaving it stops them."""

    def __init__(self, folder, haniel):
        self.folder = folder
        self.haniel_binary = haniel
        self.processes = []

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.certificate, self.key = self.folder / "server.pem", self.folder / "server.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "30",
             "-keyout", self.key, "-out", self.certificate],
            check=True, capture_output=True)
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            self.stop(process)

    def stop(self, process, how=signal.SIGTERM):
        if process.poll() is None:
            process.send_signal(how)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def spawn(self, name, command, core, port):
        log = self.folder / f"{name}.out"
        with open(log, "ab") as output:
            process = subprocess.Popen(
                ["taskset", "-c", str(core % (os.cpu_count() or 1)), *command],
                cwd=ROOT, start_new_session=True, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self.processes.append(process)
        wait_for_port(port, process, name, log)
        return process

    def nginx(self, name, text, core, port, *further):
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        configuration = folder / "nginx.conf"
        configuration.write_text(text)
        binary = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
        return self.spawn(name, [binary, "-p", folder, "-c", configuration, *further], core, port)

    def start_origin(self, port=None, name="origin"):
        """An nginx that answers 1 KiB, and 16 KiB for assets; a single process, so that killing it is simple."""
        port = port or free_port()
        folder = self.folder / name
        (folder / "assets").mkdir(parents=True, exist_ok=True)
        (folder / "index.html").write_bytes(b"x" * 1024)
        (folder / "assets" / "app.css").write_bytes(b"a { color: red }\n" * 964)
        process = self.nginx(name, configurations.origin(folder, port), LOAD_CORE, port)
        return port, process

    def start_nginx(self, origins, echo=9, change=lambda text: text):
        plain, tls = free_port(), free_port()
        text = configurations.nginx(self.folder / "nginx", plain, tls, origins, self.certificate, self.key, echo)
        return Server("nginx", self.nginx("nginx", change(text), SERVER_CORE, plain), plain, tls)

    def start_haproxy(self, origins):
        plain, tls = free_port(), free_port()
        both = self.folder / "haproxy.pem"
        both.write_text(self.certificate.read_text() + self.key.read_text())
        path = self.folder / "haproxy.cfg"
        path.write_text(configurations.haproxy(plain, tls, origins, both))
        binary = shutil.which("haproxy", path=os.environ["PATH"] + ":/usr/sbin")
        process = self.spawn("haproxy", [binary, "-db", "-f", path], SERVER_CORE, plain)
        return Server("haproxy", process, plain, tls)

    def start_haniel(self, origins, echo=9, defaults=False, name="haniel", core=SERVER_CORE, change=lambda text: text):
        """`change` makes the configuration that is wanted of the usual one."""
        plain, tls = free_port(), free_port()
        make = configurations.haniel_defaults if defaults else configurations.haniel
        text = make(self.folder, plain, tls, origins, self.certificate, self.key, echo)
        path = self.folder / f"{name}.yaml"
        path.write_text(change(text))
        (self.folder / "rules.conf").write_text(f'Include "{ROOT / configurations.REPOSITORY_RULES}"\n')
        process = self.spawn(name, [self.haniel_binary, "serve", "--config", path], core, plain)
        return Server(name, process, plain, tls)

    def start(self, only, origins, echo=9):
        """The servers to compare, nginx first.

        `echo` is the port of a server of WebSockets, if the measurement has one."""
        servers = []
        if only != "haniel":
            servers.append(self.start_nginx(origins, echo))
        if only != "nginx":
            servers.append(self.start_haniel(origins, echo))
        return servers
