import HTTP
import Testing

@testable import Gateway

@Suite struct EntityTagTests {
    static let comparisons: [(String, String, Bool, Bool)] = [
        ("W/\"1\"", "W/\"1\"", false, true),
        ("W/\"1\"", "W/\"2\"", false, false),
        ("W/\"1\"", "\"1\"", false, true),
        ("\"1\"", "\"1\"", true, true),
        ("\"\"", "\"\"", true, true),
        ("\"a\"", "\"A\"", false, false),
    ]

    @Test(arguments: comparisons)
    func `Entity tags compare as in the table of RFC 9110 section 8.8.3.2`(
        first: String,
        second: String,
        strongly: Bool,
        weakly: Bool
    ) throws {
        try viewing(first) { first in
            try viewing(second) { second in
                let left = try #require(EntityTag(first))
                let right = try #require(EntityTag(second))
                #expect(left.stronglyEquals(right) == strongly)
                #expect(left.weaklyEquals(right) == weakly)
            }
        }
    }

    @Test(arguments: [
        "", "1", "\"1", "1\"", "w/\"1\"", "W\"1\"", "\"1\"x", "\"1\", \"2\"", "\"a b\"",
        "\"a\u{7F}\"",
    ])
    func `What is not exactly one entity tag is none`(text: String) {
        viewing(text) { #expect(EntityTag($0) == nil) }
    }

    static let lists: [(String, Int)] = [
        ("\"a\"", 1), ("\"a\", W/\"b\"", 2), ("\"a\",\"b\"", 2), (", \"a\" ,, \"b\",", 2),
        ("\"a,b\", \"c\\\"", 2),
        ("\"a\" x, \"b\"", 1), ("x, \"b\"", 0),
    ]

    @Test(arguments: lists)
    func `A list gives its tags up to the first thing that is none`(text: String, count: Int) {
        viewing(text) { view in
            var list = EntityTagList(view)
            var found = 0
            while list.next() != nil { found += 1 }
            #expect(found == count)
        }
    }
}
