import Foundation
import Support
import Testing

@testable import Transport

@Suite struct Ed25519Tests {
    /// RFC 8032 section 7.1: secret key, public key, message, signature.
    static let vectors = [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
                + "d25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
                + "387b2eaeb4302aeeb00d291612bb0c00"
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
                + "4a7c15e9716ed28dc027beceea1ec40a"
        ),
    ]

    /// The fixed bytes before the key in PKCS #8 and in SubjectPublicKeyInfo (RFC 8410).
    private static let privatePrefix = "302e020100300506032b657004220420"
    private static let publicPrefix = "302a300506032b6570032100"

    private static func pem(_ label: String, _ prefix: String, _ key: String) -> String {
        let base64 = Data(bytes(hexadecimal: prefix + key)).base64EncodedString()
        return "-----BEGIN \(label)-----\n\(base64)\n-----END \(label)-----\n"
    }

    @Test(arguments: vectors)
    func `Signatures are those of RFC 8032`(
        _ secret: String,
        _ half: String,
        _ message: String,
        _ signature: String
    )
        throws
    {
        let key = try Ed25519PrivateKey(pem: Self.pem("PRIVATE KEY", Self.privatePrefix, secret))
        let message = bytes(hexadecimal: message)
        #expect(key.sign(message).map(hexadecimal) == signature)
        #expect(key.publicPEM == Self.pem("PUBLIC KEY", Self.publicPrefix, half))

        let verifier = try Ed25519PublicKey(pem: key.publicPEM)
        #expect(verifier.isValid(signature: bytes(hexadecimal: signature), for: message))
        #expect(!verifier.isValid(signature: bytes(hexadecimal: signature), for: message + [0]))
    }

    @Test func `A changed, cut or empty signature does not count`() throws {
        let key = try #require(Ed25519PrivateKey.generate())
        let verifier = try Ed25519PublicKey(pem: key.publicPEM)
        let message = Array("who asks".utf8)
        let signature = try #require(key.sign(message))
        for index in signature.indices {
            var changed = signature
            changed[index] ^= 1
            #expect(!verifier.isValid(signature: changed, for: message))
        }
        #expect(!verifier.isValid(signature: [UInt8](signature.prefix(63)), for: message))
        #expect(!verifier.isValid(signature: signature + [0], for: message))
        #expect(!verifier.isValid(signature: [], for: message))
    }

    @Test func `A key that was written can be read again`() throws {
        let key = try #require(Ed25519PrivateKey.generate())
        let again = try Ed25519PrivateKey(pem: key.pem)
        #expect(again.sign([1, 2, 3]) == key.sign([1, 2, 3]))
    }

    @Test(arguments: [
        "", "no key at all", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        pem("PRIVATE KEY", publicPrefix, vectors[0].1), pem("PUBLIC KEY", publicPrefix, "00"),
    ])
    func `What is no key is refused with a sentence`(_ text: String) {
        #expect(throws: KeyError.self) { try Ed25519PrivateKey(pem: text) }
        #expect(throws: KeyError.self) { try Ed25519PublicKey(pem: text) }
    }

    @Test(arguments: [
        ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
        ["genpkey", "-algorithm", "X25519"],
    ])
    func `A key of another kind is refused`(_ arguments: [String]) throws {
        let folder = try TemporaryFolder()
        let made = try Tool.run("openssl", arguments + ["-out", folder.file("key")])
        try #require(made.status == 0, "\(made.text)")
        let text = folder.read("key")
        #expect(throws: KeyError.self) { try Ed25519PrivateKey(pem: text) }
    }

    @Test func `An encrypted key is refused without asking anybody`() throws {
        let folder = try TemporaryFolder()
        let arguments = [
            "genpkey", "-algorithm", "ED25519", "-aes-256-cbc", "-pass", "pass:secret", "-out",
            folder.file("key"),
        ]
        let made = try Tool.run("openssl", arguments)
        try #require(made.status == 0, "\(made.text)")
        let text = folder.read("key")
        #expect(throws: KeyError.self) { try Ed25519PrivateKey(pem: text) }
    }
}
