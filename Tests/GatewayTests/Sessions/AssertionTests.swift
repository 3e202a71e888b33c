import Foundation
import Testing
import Transport

@testable import Gateway

@Suite struct AssertionTests {
    private static func session(
        subject: String = "7",
        role: String = "user",
        expiresAt: Int = 2_000_000_000
    ) -> Session {
        Session(subject: subject, id: "abc", role: role, expiresAt: expiresAt)
    }

    /// The claims of an assertion whose signature is right.
    private static func claims(_ token: String, _ key: Ed25519PrivateKey) throws -> [String: Any] {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        try #require(parts.count == 3)
        let signature = try #require(Base64URL.decode(parts[2]))
        let verifier = try Ed25519PublicKey(pem: key.publicPEM)
        #expect(verifier.isValid(signature: signature, for: Array("\(parts[0]).\(parts[1])".utf8)))
        #expect(
            !verifier.isValid(signature: signature, for: Array("\(parts[0]).\(parts[1])x".utf8))
        )
        let header = try JSONSerialization.jsonObject(
            with: Data(try #require(Base64URL.decode(parts[0])))
        )
        #expect(header as? [String: String] == ["alg": "EdDSA", "typ": "JWT"])
        let claims = try JSONSerialization.jsonObject(
            with: Data(try #require(Base64URL.decode(parts[1])))
        )
        return try #require(claims as? [String: Any])
    }

    @Test func `An assertion says who asks, signed, for a minute`() throws {
        let key = try #require(Ed25519PrivateKey.generate())
        let token = try #require(Assertion.sign(Self.session(), with: key, now: 1_795_000_000))
        let claims = try Self.claims(token, key)
        #expect(claims["iss"] as? String == "haniel")
        #expect(claims["aud"] as? String == "bookme")
        #expect(claims["sub"] as? String == "7")
        #expect(claims["sid"] as? String == "abc")
        #expect(claims["role"] as? String == "user")
        #expect(claims["iat"] as? Int == 1_795_000_000)
        #expect(claims["exp"] as? Int == 1_795_000_060)
    }

    @Test func `An admission names the room, signed, for a minute, and nobody`() throws {
        let key = try #require(Ed25519PrivateKey.generate())
        let room = #"on"sale"#
        let token = try #require(
            Assertion.sign(admissionTo: room, with: key, now: 1_795_000_000)
        )
        let claims = try Self.claims(token, key)
        #expect(claims["iss"] as? String == "haniel")
        #expect(claims["aud"] as? String == "bookme")
        #expect(claims["adm"] as? String == room)
        #expect(claims["exp"] as? Int == 1_795_000_060)
        #expect(claims.count == 5)
    }

    @Test func `It does not outlive the session`() throws {
        let key = try #require(Ed25519PrivateKey.generate())
        let token = try #require(
            Assertion.sign(Self.session(expiresAt: 1_795_000_010), with: key, now: 1_795_000_000)
        )
        #expect(try Self.claims(token, key)["exp"] as? Int == 1_795_000_010)
    }

    @Test(arguments: [
        #"7","role":"admin"#, "\\", "\"", "a\nb\u{0}\u{1F}", "é🎟", #"\"}"#, "\u{2028}\u{7F}", "",
    ])
    func `What the store says cannot add a claim`(_ hostile: String) throws {
        let key = try #require(Ed25519PrivateKey.generate())
        let session = Self.session(subject: hostile, role: hostile)
        let claims = try Self.claims(try #require(Assertion.sign(session, with: key, now: 1)), key)
        #expect(claims["sub"] as? String == hostile)
        #expect(claims["role"] as? String == hostile)
        #expect(claims.count == 7)
    }

    @Test func `Another key's signature does not count`() throws {
        let key = try #require(Ed25519PrivateKey.generate())
        let other = try Ed25519PublicKey(pem: try #require(Ed25519PrivateKey.generate()).publicPEM)
        let token = try #require(Assertion.sign(Self.session(), with: key, now: 1))
        let parts = token.split(separator: ".").map(String.init)
        let signature = try #require(Base64URL.decode(parts[2]))
        #expect(!other.isValid(signature: signature, for: Array("\(parts[0]).\(parts[1])".utf8)))
    }
}
