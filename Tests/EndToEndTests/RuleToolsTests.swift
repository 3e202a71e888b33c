import Foundation
import Support
import Testing

extension Stories {
    /// `haniel rules`: the tools of those who write rules, as they are called.
    @Suite(.haniel)
    struct RuleToolsTests {
        private let folder: TemporaryFolder
        private let haniel: String

        init() throws {
            folder = try TemporaryFolder()
            haniel = try #require(Product.haniel.path)
        }

        /// Runs `haniel rules` in the temporary folder; only what goes to standard output counts.
        private func rules(_ arguments: String, input: String = "") throws -> Tool.Output {
            try folder.write(input, to: "input")
            return try Tool.run(
                "sh",
                ["-c", "'\(haniel)' rules \(arguments) < input 2> errors"],
                folder: folder.file("")
            )
        }

        private static let starter = Repository.root + "/rules/main.conf"

        private static let small = """
            SecRuleEngine On
            SecRequestBodyAccess On
            SecRule ARGS "@rx (?i)union\\s+select" \\
                "id:100,phase:2,deny,status:403,log,capture,t:none,t:urlDecodeUni,t:lowercase,\\
                msg:'SQL words',severity:CRITICAL,tag:'attack-sqli'"

            """

        @Test func `Lines are answered in order, and what is no JSON does not end it`() throws {
            let output = try rules(
                "eval-operator",
                input: """
                    {"name":"rx","param":"(b)(c)?","input":"abd"}
                    no json
                    {"name":"rxx","param":"a","input":"a"}
                    {"name":"streq","param":"a","input_b64":"YQ==","negated":true}

                    """
            )
            #expect(output.status == 0)
            let lines = output.text.split(separator: "\n")
            #expect(lines.count == 4)
            #expect(lines.first == #"{"ret":1,"groups":["b","b"],"error":null}"#)
            #expect(lines[1].contains("no JSON"))
            #expect(lines[2].contains(#""ret":null"#) && lines[2].contains("@rx?"))
            #expect(lines[3] == #"{"ret":0,"groups":[],"error":null}"#)
        }

        @Test func `Bytes go in and come out as code points`() throws {
            let output = try rules(
                "eval-transformation",
                input: #"{"chain":["urlDecode","uppercase"],"input":"a%e9\u00fc\u0000"}"# + "\n"
            )
            #expect(output.text == #"{"ret":1,"output":"A\u00e9\u00fc\u0000","error":null}"# + "\n")
        }

        @Test func `A whole request tells what it met`() throws {
            try folder.write(Self.small, to: "small.conf")
            let output = try rules(
                "run",
                input: """
                    {"rules_file":"small.conf","uri":"/a?q=UNION%20select","headers":[["Host","x"]],"trace":true}
                    {"rules":["SecRule ARGZ a id:1"],"uri":"/"}

                    """
            )
            let lines = output.text.split(separator: "\n")
            let answer = try #require(
                try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any]
            )
            #expect(answer["ids"] as? [Int] == [100])
            #expect(answer["http_code"] as? Int == 403)
            let log = try #require(answer["error_log"] as? [String])
            #expect(
                log.first?.contains(
                    #"[id "100"] [msg "SQL words"] [data ""] [severity "2"] [tag "attack-sqli"]"#
                ) == true
            )
            let trace = try #require(answer["trace"] as? [String])
            #expect(trace == [#"Target value: "union select" (Variable: ARGS:q)"#])
            #expect(lines[1].contains(#""parser_error":{"file":"rules","line":1,"column":9"#))
        }

        @Test(arguments: [
            (#"[]"#, "no object"), (#"{"rule_file":"a.conf","uri":"/"}"#, "neither rules nor"),
            (#"{"rules":[],"body_b64":"!!!"}"#, "body_b64"),
            (#"{"rules":[],"headers":{"Host":"x"}}"#, "headers"),
        ])
        func `A line that cannot be meant is answered with an error`(
            line: String,
            expected: String
        ) throws {
            let output = try rules("run", input: line + "\n").text
            #expect(output.hasPrefix(#"{"error":""#) && output.contains(expected), "\(output)")
        }

        @Test func `Nothing to test is a failure`() throws {
            try folder.write("tests: []\n", to: "none.yaml")
            try folder.write(Self.small, to: "small.conf")
            #expect(try rules("test none.yaml --rules small.conf").status != 0)
        }

        @Test func `Content whose length a pasted request does not say is looked at`() throws {
            try folder.write(Self.small, to: "small.conf")
            try folder.write(
                "POST /a HTTP/1.1\nHost: x\nContent-Type: application/x-www-form-urlencoded\n\n"
                    + "q=union select\n",
                to: "pasted.txt"
            )
            let text = try rules("explain pasted.txt --rules small.conf --format text").text
            #expect(text.contains("denied with 403"), "\(text)")
        }

        @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/share/modsecurity-crs")))
        func `The rule that adds up the score is never proposed as an exclusion`() throws {
            try folder.write(
                "GET /s?q=1'%20OR%20'1'='1 HTTP/1.1\nHost: x\nUser-Agent: a\nAccept: */*\n\n",
                to: "attack.txt"
            )
            let text = try rules("explain attack.txt --rules '\(Self.starter)' --format text").text
            #expect(text.contains("score: 5 inbound, 0 outbound = 5 (942100)\n"), "\(text)")
            #expect(!text.contains("ruleRemoveById=949110"))
        }

        @Test func `The rules of the product stand as fmt lays them out`() throws {
            let output = try rules("fmt --check '\(Repository.root)'/rules/*.conf")
            #expect(output.status == 0, "\(output.text)")
        }

        @Test func `The rules of the product have no error`() throws {
            let output = try rules("check '\(Self.starter)' --format text")
            #expect(output.status == 0, "\(output.text)")
            #expect(output.text.contains("0 errors"))
        }

        @Test func `A broken file fails, in each form that a reader may want`() throws {
            try folder.write(
                "SecRule ARGS \"@rxx a\" \"id:1\"\nSecRuleRemoveById 9\n",
                to: "broken.conf"
            )
            let lines = try rules("check broken.conf")
            #expect(lines.status == 1)
            let first = lines.text.split(separator: "\n").first ?? ""
            #expect(
                first.contains(
                    #""line":1,"column":16,"severity":"error","code":"unknown-operator""#
                )
            )
            let text = try rules("check broken.conf --format text").text
            #expect(
                text.contains("  1 | SecRule ARGS \"@rxx a\" \"id:1\"\n    |                ^\n")
            )
            #expect(text.contains("hint: did you mean `@rx`?"))
            #expect(
                try rules("check broken.conf --format github").text
                    .hasPrefix("::error file=broken.conf,line=1,col=16,title=unknown-operator::")
            )
            let sarif = try rules("check broken.conf --format sarif").text
            let document =
                try JSONSerialization.jsonObject(with: Data(sarif.utf8)) as? [String: Any]
            #expect(document?["version"] as? String == "2.1.0")
            try folder.write("SecRule ARGS:é \"@rxx a\" \"id:1\"\n", to: "bröken 1.conf")
            let placed = try rules("check 'bröken 1.conf' --format sarif").text
            #expect(placed.contains(#""uri":"br%C3%B6ken%201.conf""#), "\(placed)")
            #expect(placed.contains(#""startColumn":18"#))
            #expect(placed.contains(#""columnKind":"unicodeCodePoints""#))
        }

        @Test func `Warnings fail only where they are denied`() throws {
            try folder.write("SecRuleRemoveById 9\n", to: "doubt.conf")
            #expect(try rules("check doubt.conf").status == 0)
            #expect(try rules("check doubt.conf --deny-warnings").status == 1)
        }

        private static let tests = """
            rule_id: 100
            tests:
              - test_id: 1
                desc: found
                stages:
                  - input: {method: GET, uri: "/?q=union%20select", version: HTTP/1.1, headers: {Host: a}}
                    output: {status: 403, log: {expect_ids: [100]}}
              - test_id: 2
                desc: not found
                stages:
                  - input: {method: POST, uri: "/", version: HTTP/1.1, headers: {Host: a}, data: "q=union"}
                    output: {log: {expect_ids: [100]}}

            """

        @Test func `Regression tests run without a server`() throws {
            try folder.write(Self.small, to: "small.conf")
            try folder.write(Self.tests, to: "tests.yaml")
            let output = try rules("test tests.yaml --rules small.conf --jobs 2")
            #expect(output.status == 1)
            #expect(output.text.contains("FAIL 100-2  missing 100"))
            #expect(output.text.contains("2 tests: 1 passed, 1 failed"))
            let chosen = try rules(
                "test tests.yaml --rules small.conf --include '100-1$' --format tap"
            )
            #expect(chosen.status == 0)
            #expect(chosen.text == "TAP version 14\n1..1\nok 1 - 100-1\n")
            #expect(
                try rules("test tests.yaml --rules small.conf --format junit").text.contains(
                    "failures=\"1\""
                )
            )
        }

        @Test func `An explanation shows the bytes and proves its exclusion`() throws {
            try folder.write(Self.small, to: "small.conf")
            let request = "GET /a?q=1+UNION%20select HTTP/1.1\nHost: shop\n\n"
            let text = try rules("explain - --rules small.conf --format text", input: request).text
            #expect(text.contains("ARGS:q = 1 UNION select"))
            #expect(text.contains("t:lowercase -> 1 >>>union select<<<"))
            #expect(text.contains("decision: denied with 403 in phase 2, by rule 100: SQL words"))
            #expect(text.contains("ctl:ruleRemoveTargetById=100;ARGS:q"))
            #expect(text.contains("proved: the rule no longer matches"))
            let curl = "curl 'http://shop/a' -H 'X: y' --data-raw 'q=union select'"
            let json = try rules("explain - --rules small.conf", input: curl).text
            #expect(json.contains(#""bytes":"union select""#) && json.contains(#""proved":true"#))
        }

        @Test(arguments: [
            ("/a?%2F.*%2F=union%20select", #"ARGS:/^\x2f\x2e\x2a\x2f$/"#),
            ("/a?q%5C=union%20select", #"ARGS:/^q\x5c$/"#),
            ("/a?q%0A=union%20select", #"ARGS:/^q\x0a$/"#),
            ("/a?q%7Cr,s;'\"=union%20select", #"ARGS:/^q\x7cr\x2cs\x3b\x27\x22$/"#),
            ("/a?q%FF=union%20select", #"ARGS:/^q\xff$/"#), ("/a?=union%20select", "ARGS:/^$/"),
            ("/a%20%22b?q=union%20select", #""@rx ^\x2fa\x20\x22b$""#),
            ("http://shop/%61?q=union%20select", #""@streq /a""#),
        ])
        func `An exclusion names just what was met, whatever its name`(
            target: String,
            written: String
        ) throws {
            try folder.write(Self.small, to: "small.conf")
            let request = "GET \(target) HTTP/1.1\nHost: shop\n\n"
            let text = try rules("explain - --rules small.conf --format text", input: request).text
            #expect(text.contains(written), "\(text)")
            #expect(text.contains("(proved: the rule no longer matches"), "\(text)")
            try folder.write(Self.exclusion(in: text) + Self.small, to: "mended.conf")
            let other = "GET /a?other=union%20select HTTP/1.1\nHost: shop\n\n"
            let mended = try rules("explain - --rules mended.conf --format text", input: other).text
            #expect(mended.contains("denied with 403"), "\(mended)")
        }

        /// The directive that an explanation ends with.
        private static func exclusion(in text: String) -> String {
            text.firstRange(of: "SecRule REQUEST_FILENAME").map { String(text[$0.lowerBound...]) }
                ?? ""
        }

        @Test func `An archive without requests is an error`() throws {
            try folder.write(Self.small, to: "small.conf")
            try folder.write(#"{"log":{"entries":[]}}"#, to: "empty.har")
            #expect(try rules("explain empty.har --rules small.conf").status != 0)
        }

        @Test func `A file is laid out once and then stays`() throws {
            let messy = """
                # why
                SecRule  "ARGS| REQUEST_URI"  "@rx a\\"b" "phase:2, deny,id: 1,t:none ,msg:'x, y',chain"
                SecRule REQUEST_METHOD "@streq GET" "t:none"
                SecRuleEngine On

                """
            try folder.write(messy, to: "messy.conf")
            #expect(try rules("fmt --check messy.conf").status == 1)
            #expect(try rules("fmt messy.conf").status == 0)
            #expect(
                folder.read("messy.conf") == """
                    # why
                    SecRule ARGS|REQUEST_URI "@rx a\\"b" \\
                        "id:1,\\
                        phase:2,\\
                        deny,\\
                        t:none,\\
                        msg:'x, y',\\
                        chain"
                        SecRule REQUEST_METHOD "@streq GET" \\
                            "t:none"
                    SecRuleEngine On

                    """
            )
            #expect(try rules("fmt --check messy.conf").status == 0)
        }

        @Test func `Two rule sets are compared by what they say and by whom they stop`() throws {
            try folder.write(Self.small, to: "old.conf")
            try folder.write(
                Self.small.replacing("SecRule ARGS ", with: "SecRule ARGS|!ARGS:q "),
                to: "new.conf"
            )
            try folder.write(
                #"{"uri":"/a?q=union%20select"}"# + "\n" + #"{"uri":"/"}"#,
                to: "record"
            )
            let text = try rules("diff old.conf new.conf --on record --format text").text
            #expect(text.contains("~ 100\n    targets: +!ARGS:q\n"))
            #expect(text.contains("2 requests: 0 newly blocked, 1 no longer blocked"))
            #expect(text.contains("PASS  GET /a  (record:1)  no longer 100"))
            let replay = try rules(
                "replay record --rules old.conf --against new.conf --format text --deny-changes"
            )
            #expect(replay.status == 1)
            #expect(replay.text.contains("BLOCK GET /a"))
        }

        @Test func `What many clients meet becomes an exclusion, with what it costs`() throws {
            try folder.write(Self.small, to: "small.conf")
            try folder.write(Self.tests, to: "tests.yaml")
            let event = """
                {"@timestamp":"2026-01-02T03:04:05Z","url.path":"/search","client.ip":"192.0.2.N",\
                "haniel.waf.matches":[{"id":100,"message":"SQL words","target":"ARGS:q","excerpt":"the union select"}]}

                """
            let log = (1...4).map { event.replacing("192.0.2.N", with: "192.0.2.\($0)") }.joined()
            try folder.write(log, to: "waf.log")
            let text = try rules(
                "suggest --from waf.log --min-count 4 --rules small.conf --tests tests.yaml"
            ).text
            #expect(text.contains("# 4 events of 4 clients"))
            #expect(text.contains("#   the union select"))
            #expect(text.contains("SecRule REQUEST_FILENAME \"@streq /search\""))
            #expect(text.contains("ctl:ruleRemoveTargetById=100;ARGS:q"))
            #expect(text.contains("# All 2 regression tests of these rules say the same"))
            let odd = log.replacing("ARGS:q", with: #"ARGS:q\u00ef\u00bf\u00bd|r"#)
            try folder.write(odd, to: "odd.log")
            let nameless = try rules("suggest --from odd.log --min-count 4 --rules small.conf").text
            #expect(nameless.contains("# 4 matches on names that are no text are left out."))
            let few = try rules("suggest --from waf.log --min-ips 5 --rules small.conf").text
            #expect(few.contains("# Nothing to propose."))
            let covered = try rules("coverage --from waf.log --rules small.conf --format text").text
            #expect(covered.contains("1 of 1 rules matched"))
            let doc = try rules("doc 100 --rules small.conf --log waf.log --tests tests.yaml").text
            #expect(doc.contains("hits: 4\n  4  /search  ARGS:q"))
            #expect(doc.contains("tests: 2\n  100-1  found"))
        }

        @Test func `A reference leads to what the event log keeps of a request`() throws {
            try folder.write(Self.small, to: "small.conf")
            let events = ["0a", "0b"].map {
                #"{"@timestamp":"2026-01-02T03:04:05Z","http.request.id":"\#($0)","http.request.method":"GET","#
                    + #""http.response.status_code":403,"url.domain":"shop","#
                    + #""url.path":"/\#($0)","client.ip":"192.0.2.1","#
                    + #""haniel.waf.matches":[{"id":100,"message":"SQL words","target":"ARGS:q","excerpt":"x\u001by"},"#
                    + #"{"id":7,"message":"gone","target":"TX:score","excerpt":"5"}]}"#
            }
            try folder.write(events.joined(separator: "\n") + "\n", to: "waf.log")
            let text = try rules("explain --log waf.log 0B --rules small.conf --format text").text
            #expect(
                text.hasPrefix(
                    "GET shop/0b  from 192.0.2.1, 2026-01-02T03:04:05Z, answered with 403\n"
                )
            )
            #expect(
                text.contains(
                    "  100  SQL words  [CRITICAL]\n    small.conf:3\n    ARGS:q = x\\x1by\n"
                ),
                "\(text)"
            )
            #expect(text.contains("  7  gone\n    not among these rules\n"))
            #expect(
                text.contains("(not proved)") && text.contains("ruleRemoveTargetById=100;ARGS:q")
            )
            #expect(!text.contains("=7;"))
            let json = try rules("explain --log waf.log 0b --rules small.conf").text
            #expect(
                json.contains(#""reference":"0b""#) && json.contains(#""proved":false"#),
                "\(json)"
            )
            #expect(try rules("explain --log waf.log 0c --rules small.conf").status != 0)
        }

        @Test func `A measurement names classes and rules`() throws {
            try folder.write(Self.small, to: "small.conf")
            try folder.write(#"{"uri":"/a?q=union%20select"}"#, to: "record")
            let text = try rules(
                "bench --rules small.conf --requests record --time 1 --format text"
            ).text
            #expect(text.contains("record\n"))
            #expect(text.contains("100  @rx"))
            #expect(
                try rules("bench --rules small.conf --requests record --time 1 --budget 0").status
                    == 1
            )
        }
    }
}
