import Testing

@testable import Ticketing

/// Forms that cannot be taken as they are: what was typed comes back, and the field says what is wrong with it.
struct FormTests {
    /// The element of a field, up to its end.
    private static func field(_ name: String, of page: String) throws -> String {
        let parts = page.split(separator: "<input").filter { $0.contains(" name=\"\(name)\"") }
        return String(try #require(parts.first).prefix { $0 != ">" })
    }

    private static func expect(
        _ page: String,
        marks name: String,
        _ sentence: String
    ) throws {
        let field = try field(name, of: page)
        for mark in [#"aria-invalid="true""#, #"aria-describedby="\#(name)-fault""#, "autofocus"] {
            #expect(field.contains(mark))
        }
        #expect(page.contains(#"<p class="fault" id="\#(name)-fault">\#(sentence)"#))
        #expect(page.split(separator: "aria-invalid").count == 2, "one field is wrong")
        #expect(!page.contains("cannot be understood"))
    }

    private static let wrongAddress = "This is not a whole e-mail address"

    @Test func `A checkout with half an address keeps the seats and all that was typed`()
        async throws
    {
        try await RunningShop.run { shop in
            let client = shop.client
            let hold = try await client.post("/e/evening/holds", form: "qty=2")
            let (path, cart) = (hold["location"], ["cookie": hold.cookie])
            let page = try await client.post(
                path,
                form: "email=a%40b&holder=A+%22B%22&voucher=V",
                cart
            )
            #expect(page.status == 400)
            try Self.expect(page.body, marks: "email", Self.wrongAddress)
            #expect(try Self.field("email", of: page.body).contains(#"value="a@b""#))
            #expect(try Self.field("holder", of: page.body).contains(#"value="A &quot;B&quot;""#))
            #expect(try Self.field("voucher", of: page.body).contains(#"value="V""#))
            let right = try await client.post(path, form: "email=a%40example.com&holder=A", cart)
            #expect(right.status == 303, "the seats are still held")
        }
    }

    @Test(arguments: [
        ("email=a%40example.com&holder=", "holder", "A name has 1 to 120 characters."),
        ("email=a%40example.com&holder=A%0AB", "holder", "A name consists of"),
        ("email=a%40example.com&holder=A&voucher=NONE", "voucher", "There is no such voucher"),
    ])
    func `The checkout says which field is wrong`(form: String, name: String, sentence: String)
        async throws
    {
        try await RunningShop.run { shop in
            let hold = try await shop.client.post("/e/evening/holds", form: "qty=2")
            let cart = ["cookie": hold.cookie]
            let page = try await shop.client.post(hold["location"], form: form, cart)
            try Self.expect(page.body, marks: name, sentence)
            #expect(try Self.field("email", of: page.body).contains(#"value="a@example.com""#))
        }
    }

    @Test(arguments: [
        ("/register", "email=a%40b&name=Ana&password=correct+horse", "email", wrongAddress),
        ("/register", "email=a%40example.com&name=&password=correct+horse", "name", "A name has"),
        (
            "/register", "email=a%40example.com&name=Ana&password=secret7", "password",
            "A password has"
        ),
        ("/login", "email=a%40example.com&password=secret7", "password", "The e-mail address or"),
        ("/forgot", "email=a%40b", "email", wrongAddress),
        ("/reset", "token=t&password=secret7", "password", "A password has 10"),
    ])
    func `Every form of an account keeps what was typed, and never a password`(
        path: String,
        form: String,
        name: String,
        sentence: String
    ) async throws {
        try await RunningShop.run { shop in
            let page = try await shop.client.post(path, form: form)
            #expect((400..<500).contains(page.status))
            try Self.expect(page.body, marks: name, sentence)
            let typed = try FormFields(Array(form.utf8))
            for name in ["email", "name", "token"] where !typed[name].isEmpty {
                #expect(try Self.field(name, of: page.body).contains(#"value="\#(typed[name])""#))
            }
            #expect(!page.body.contains("secret7") && !page.body.contains("correct horse"))
        }
    }
}
