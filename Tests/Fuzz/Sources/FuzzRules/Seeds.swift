import RulesChecks

/// What inputs are made of.
enum Seeds {
    static func corpus(_ target: RuleTarget) -> [[UInt8]] {
        texts(target).map { Array($0.utf8) } + (target == .gzip ? [compressed] : [])
    }

    private static func texts(_ target: RuleTarget) -> [String] {
        switch target {
        case .seclang: rules
        case .urlencoded: ["a=1&b=2&c=%41+%zz&d[]=x&=&&e", "q=O%27Brien&x=%u0041"]
        case .cookies: ["a=b; c=\"d\"; e", "$Version=1; x=y;;z="]
        case .multipart:
            [
                "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--\r\n",
                "--b\r\nContent-Disposition: form-data; name=a; filename=\"f\"; filename*=x\r\n"
                    + "Content-Type: text/plain\r\n folded\r\n\r\n1\r\n--b\r\n\r\n--b--",
            ]
        case .json: [#"{"a":[1,2.5e3,{"b":"\u00e9\ud83d\ude00"}],"c":null,"d":[[[]]]}"#, "[true]"]
        case .xml:
            [
                "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"c\">]><a b='c&amp;'><![CDATA[x]]>&#65;</a>"
            ]
        case .gzip: ["plain"]
        case .transformations:
            [
                #"%u0041%41+\u0061\x41\101\n&#65;&amp;&lt;/*x*/--<!--y-->#z"#,
                #"/a/./b/..//c\d ^"'x; "#,
                "QUJD RA== 0x414243 \u{FF1C}é  ABC\u{0}",
            ]
        case .sqli:
            [
                "1' or '1'='1", "1 union/**/select 1,2 from users--", "; drop table x", "admin'#",
                "a'||'b",
            ]
        case .xss:
            [
                "<script>alert(1)</script>", "\" onload=alert(1) x=\"",
                "<a href=java&#115;cript:x>", "<!--`-->",
            ]
        case .regex:
            [
                "(?i)a+b{2,3}[^c-f]\\b(?:x|y)*$\u{0}aabbzx", "^\\w+\\s?=.*\\.php\\z\u{0}a =b.php",
                "(?:ab|a)(?:c|bcd)(?-s).\u{0}abcd\n",
            ]
        case .expression, .gates: []
        case .transaction:
            [
                "\n/a?q=1'+or+'1'='1\n<script>\n{\"a\":\"b\"}",
                "sid=1; x=../etc/passwd\n/%2e%2e/x?y=union+select\nsqlmap\na=1&b=<script>alert(1)",
            ]
        }
    }

    private static let rules = [
        #"SecRule ARGS|!ARGS:/x/ "@rx (a+)b" "id:1,phase:2,t:none,t:urlDecodeUni,deny,msg:'%{ARGS.a}'""#,
        "SecAction \"id:2,phase:1,setvar:tx.a=+1,setvar:'tx.b_%{MATCHED_VAR_NAME}=%{tx.0}',initcol:ip=%{REMOTE_ADDR}\"",
        "SecRule &TX:a \"!@eq 1\" \"id:3,phase:2,chain,skipAfter:END\"\n"
            + "SecRule XML:/* \"@pm a b\" \"capture,setvar:ip.x=1\"\nSecMarker END",
        "SecRuleUpdateTargetById 1-9 \"!ARGS:b\"\nSecRuleRemoveByTag x\nSecDataset d `\na\n`\n",
        "SecDefaultAction \"phase:2,deny,status:403,log\"\nSecRuleEngine On\nSecRequestBodyAccess On",
    ]

    /// "hello" in gzip.
    private static let compressed: [UInt8] = [
        0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 7, 0, 0x86, 0xA6, 0x10,
        0x36, 5,
        0, 0, 0,
    ]

    static let words: [[UInt8]] = [
        "SecRule ", "SecAction ", "\"id:9,phase:1\"", "t:", "ctl:ruleRemoveTargetById=1;ARGS:/a/",
        "%{", "}",
        "@rx ", "@pm ", "@within ", "!@", "|", "ARGS", "TX:", "chain,", "multiMatch,", "capture,",
        "\\\n",
        "setvar:", "=+", "%", "%u", "%00", "\\u00", "\\x", "&#", "&#x", ";", "/*", "*/", "--",
        "<!--", "-->",
        "' or ", "union select ", "(", ")", "<svg ", "onload=", "javascript:", "\r\n", "--b",
        "--b--", "\"", "'",
        "{", "}", "[", "]", ",", ":", "\\ud83d", "<a ", "</a>", "<![CDATA[", "]]>", "&amp;", "(?i)",
        "(?:", "[^",
        "*", "+", "?", "{2,}", "\\b", "\\s", "^", "$", "|", "..", "//", "\u{0}", "é", "=",
    ].map { Array($0.utf8) }
}
