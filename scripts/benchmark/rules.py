"""What the rules alone cost, beside libmodsecurity 3 in the same run: the same rule set, the same requests, no network.

Rounds alternate between the engines. Both see a request and a 512-byte answer, all five phases. `haniel rules bench`
measures ours; the other library is driven through ctypes, whose calls are a hundredth of what it needs."""

import ctypes
import json
import pathlib
import re
import statistics
import subprocess
import time

from . import report

CRS = [pathlib.Path(__file__).resolve().parents[2].parent / "shared/waf/crs", pathlib.Path("/opt/coreruleset")]
ENGINE = """SecRuleEngine DetectionOnly
SecRequestBodyAccess On
SecRequestBodyLimit 13107200
SecRequestBodyNoFilesLimit 131072
SecResponseBodyAccess On
SecResponseBodyMimeType text/plain text/html
SecResponseBodyLimit 524288
SecRule REQUEST_HEADERS:Content-Type "@rx ^application/json" \
    "id:200001,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
"""
HEADERS = [
    ("Host", "shop.example.com"),
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("Accept-Language", "en-GB,en;q=0.5"), ("Accept-Encoding", "gzip, deflate, br"),
    ("Referer", "https://shop.example.com/events"), ("Connection", "keep-alive"),
    ("Upgrade-Insecure-Requests", "1"),
    ("Cookie", "sid=8f14e45fceea167a5a36dedd4bea2543; consent=all; lang=en; cart=0c5a7e1b4d2f4f6f; "
               "seen=42,57,61,99; visit=1764180000"),
]


def json_body(count, length):
    return json.dumps({f"n{i}": f"v{i}" + "x" * (length + i % 5) for i in range(count)})


def request(name, uri="/events/42", body="", kind=None):
    headers = [list(field) for field in HEADERS]
    if body:
        headers += [["Content-Type", kind], ["Content-Length", str(len(body))]]
    return {"name": name, "client": {"ip": "192.0.2.7", "port": 40000}, "method": "POST" if body else "GET", "uri": uri,
            "version": "1.1", "headers": headers, "body": body, "status": 200,
            "response_headers": [["Content-Type", "text/html"]], "response_body": "<p>A quiet answer.</p>\n" * 22}


WORDS = "ordinary+words+of+a+customer+who+wants+to+sit+near+the+stage+"
REQUESTS = [
    request("GET"),
    request("GET, 5 arguments", "/search?q=piano+concert&city=Wien&from=2026-12-01&page=2&sort=date"),
    request("form, 1 KB", "/checkout",
            "&".join(f"field{i}={WORDS[i:i + 55]}{i}" for i in range(12)) + "&end=" + "x" * 200,
            "application/x-www-form-urlencoded"),
    request("JSON, 120 values", "/api/orders", json_body(120, 52), "application/json"),
    request("JSON, 460 values", "/api/orders", json_body(460, 0), "application/json"),
]
GOALS = [1 / 20, 1 / 20, 1 / 20, 1 / 20, 1 / 100]


class Peer:
    """libmodsecurity 3 with a rule set."""

    def __init__(self, path):
        lib = self.lib = ctypes.CDLL("libmodsecurity.so.3")
        pointer, text = ctypes.c_void_p, ctypes.c_char_p
        for name in ("msc_init", "msc_create_rules_set", "msc_new_transaction"):
            getattr(lib, name).restype = pointer
        lib.msc_new_transaction.argtypes = [pointer, pointer, pointer]
        lib.msc_rules_add_file.argtypes = [pointer, text, ctypes.POINTER(text)]
        lib.msc_process_connection.argtypes = [pointer, text, ctypes.c_int, text, ctypes.c_int]
        lib.msc_process_uri.argtypes = [pointer, text, text, text]
        for name in ("msc_add_n_request_header", "msc_add_n_response_header"):
            getattr(lib, name).argtypes = [pointer, text, ctypes.c_size_t, text, ctypes.c_size_t]
        for name in ("msc_append_request_body", "msc_append_response_body"):
            getattr(lib, name).argtypes = [pointer, text, ctypes.c_size_t]
        for name in ("msc_process_request_headers", "msc_process_request_body", "msc_process_response_body",
                     "msc_process_logging", "msc_transaction_cleanup"):
            getattr(lib, name).argtypes = [pointer]
        lib.msc_process_response_headers.argtypes = [pointer, ctypes.c_int, text]
        self.silent = ctypes.CFUNCTYPE(None, pointer, text)(lambda *_: None)
        self.engine = pointer(lib.msc_init())
        lib.msc_set_log_cb.argtypes = [pointer, type(self.silent)]
        lib.msc_set_log_cb(self.engine, self.silent)
        self.rules, problem = pointer(lib.msc_create_rules_set()), text()
        if lib.msc_rules_add_file(self.rules, str(path).encode(), ctypes.byref(problem)) < 0:
            raise RuntimeError(f"libmodsecurity refuses the rules: {problem.value}")

    def run(self, case):
        lib, one = self.lib, ctypes.c_void_p(self.lib.msc_new_transaction(self.engine, self.rules, None))
        lib.msc_process_connection(one, b"192.0.2.7", 40000, b"127.0.0.1", 443)
        lib.msc_process_uri(one, case["uri"], case["method"], b"1.1")
        for name, value in case["headers"]:
            lib.msc_add_n_request_header(one, name, len(name), value, len(value))
        lib.msc_process_request_headers(one)
        if case["body"]:
            lib.msc_append_request_body(one, case["body"], len(case["body"]))
        lib.msc_process_request_body(one)
        lib.msc_add_n_response_header(one, b"Content-Type", 12, b"text/html", 9)
        lib.msc_process_response_headers(one, 200, b"HTTP/1.1")
        lib.msc_append_response_body(one, case["response_body"], len(case["response_body"]))
        lib.msc_process_response_body(one)
        lib.msc_process_logging(one)
        lib.msc_transaction_cleanup(one)

    def microseconds(self, case, seconds):
        """The fastest of ten stretches, in time of the processor."""
        case = {key: case[key].encode() for key in ("uri", "method", "body", "response_body")} | {
            "headers": [(name.encode(), value.encode()) for name, value in case["headers"]]}
        self.run(case)
        best = float("inf")
        for _ in range(10):
            count, start, until = 0, time.process_time(), time.monotonic() + seconds / 10
            while count == 0 or time.monotonic() < until:
                self.run(case)
                count += 1
            best = min(best, (time.process_time() - start) / count * 1e6)
        return best


def haniel(bench, rules, requests, seconds):
    output = subprocess.run(
        [bench.haniel_binary, "rules", "bench", "--rules", rules, "--requests", requests, "--format", "json",
         "--slowest", "0", "--time", str(int(seconds * 1000))], check=True, capture_output=True, text=True).stdout
    return [row["microseconds"] for row in json.loads(output)["classes"]]


def further_rules(count):
    """Rules as a site adds them: each looks for words of its own in all that a client sends."""
    for number in range(count):
        yield (f'SecRule REQUEST_COOKIES|ARGS_NAMES|ARGS "@rx (?i)\\bneedle{number:05}\\s*[=(]" '
               f'"id:{9_300_000 + number},phase:2,block,capture,t:none,t:urlDecodeUni,'
               f"msg:'Needle {number}',logdata:'%{{TX.0}}',severity:CRITICAL,"
               "setvar:'tx.inbound_anomaly_score_pl1=+%{tx.critical_anomaly_score}'\"\n")


IDENTIFIER = re.compile(r"(\bid:|ById[= ])(\d{6})\b")


def copied(crs, folder, number):
    """The rules again, with ids of their own, beside their lists of phrases. Each copy has every target, expression,
    gate and score of the original, so that whatever a rule costs is there once more."""
    folder = folder / f"copy{number}"
    folder.mkdir(exist_ok=True)
    for path in (crs / "rules").iterdir():
        target = folder / path.name
        if path.suffix == ".conf":
            target.write_text(IDENTIFIER.sub(lambda found: f"{found[1]}{number}{found[2]}", path.read_text()))
        elif not target.exists():
            target.symlink_to(path)
    return f"Include {folder}/*.conf\n"


def rule_files(folder):
    """The Core Rule Set at paranoia 1; the same with nine further rules for each of its own; and ten copies of it."""
    found = [path for path in CRS if (path / "rules").is_dir()]
    if not found:
        raise RuntimeError("no Core Rule Set 4 at " + " or ".join(map(str, CRS)))
    crs = found[0]
    text = ENGINE + f"Include {crs / 'crs-setup.conf.example'}\nInclude {crs}/rules/*.conf\n"
    files = {
        "haniel": text,
        "further": text + "".join(further_rules(9 * 631)),
        "copies": text + "".join(copied(crs, folder, number) for number in range(1, 10)),
    }
    for name, content in files.items():
        (folder / f"{name}.conf").write_text(content)
    return {name: folder / f"{name}.conf" for name in files}


def run(bench, options, path):
    sets = rule_files(bench.folder)
    requests = bench.folder / "requests.jsonl"
    requests.write_text("".join(json.dumps(case) + "\n" for case in REQUESTS))
    peer = None if options.only == "haniel" else Peer(sets["haniel"])
    seconds = min(options.seconds, 2) / 2
    samples = {"peer": []} | {name: [] for name in sets}
    for number in range(options.rounds):
        report.progress(f"round {number + 1} of {options.rounds}")
        if peer:
            samples["peer"].append([peer.microseconds(case, seconds) for case in REQUESTS])
        for name, rules in sets.items():
            samples[name].append(haniel(bench, rules, requests, seconds))
    report.progress("")
    middle = {name: [statistics.median(row) for row in zip(*rounds)] for name, rounds in samples.items() if rounds}
    rows = []
    for index, case in enumerate(REQUESTS):
        ours = middle["haniel"][index]
        theirs = middle["peer"][index] if peer else None
        rows.append([case["name"], f"{theirs:.0f}" if theirs else "-", f"{ours:.1f}",
                     f"1/{theirs / ours:.0f}" if theirs else "-", f"1/{1 / GOALS[index]:.0f}",
                     *(f"{middle[name][index] / ours:.2f}" for name in ("further", "copies"))])
    report.table(["request", "libmodsecurity, us", "haniel, us", "ratio", "goal", "ten times the rules", "ten copies"],
                 rows)
    report.write(path, bench, options, {"microseconds": samples})
