import Foundation
import Testing
import Transport

@testable import Gateway

@Suite struct CertificateAuthorityTests {
    /// Gives the body a directory of its own.
    static func withDirectory(_ body: (String) throws -> Void) throws {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "haniel-\(UUID().uuidString)"
        ).path()
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }

    static func run(_ arguments: String...) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    @Test func `OpenSSL accepts the chain for every name asked for`() throws {
        try Self.withDirectory { directory in
            let authority = CertificateAuthority(directory: directory)
            _ = try authority.prepare(names: ["shop.test", "10.1.2.3"])
            for check in [
                ["-verify_hostname", "localhost"], ["-verify_hostname", "shop.test"],
                ["-verify_ip", "127.0.0.1"],
                ["-verify_ip", "::1"], ["-verify_ip", "10.1.2.3"],
            ] {
                let result = try Self.run(
                    "openssl",
                    "verify",
                    "-x509_strict",
                    "-purpose",
                    "sslserver",
                    "-CAfile",
                    authority.authorityPath,
                    check[0],
                    check[1],
                    authority.certificatePath
                )
                #expect(result.status == 0, "\(check): \(result.output)")
            }
            let other = try Self.run(
                "openssl",
                "verify",
                "-CAfile",
                authority.authorityPath,
                "-verify_hostname",
                "other.test",
                authority.certificatePath
            )
            #expect(other.status != 0)
        }
    }

    @Test func `What is there and covers the names is kept`() throws {
        try Self.withDirectory { directory in
            let authority = CertificateAuthority(directory: directory)
            #expect(try authority.prepare(names: ["shop.test"]).count == 7)
            #expect(try authority.prepare(names: ["shop.test"]) == [])
            #expect(try authority.prepare() == [])
            #expect(
                try authority.prepare(names: ["b.test"]) == [
                    authority.certificatePath, authority.keyPath,
                ]
            )
            try FileManager.default.removeItem(atPath: authority.assertionPublicKeyPath)
            #expect(
                try authority.prepare(names: ["b.test"])
                    == [authority.assertionKeyPath, authority.assertionPublicKeyPath]
            )
            try Data("no key".utf8).write(to: URL(filePath: authority.keyPath))
            #expect(
                try authority.prepare(names: ["b.test"]) == [
                    authority.certificatePath, authority.keyPath,
                ]
            )
        }
    }

    @Test func `Nobody else can read a key`() throws {
        try Self.withDirectory { directory in
            let authority = CertificateAuthority(directory: directory)
            for path in try authority.prepare() {
                let mode =
                    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
                    as? Int
                #expect(mode == (path.hasSuffix(".key") ? 0o600 : 0o644), "\(path)")
            }
        }
    }

    @Test func `The assertion key signs what its public half confirms`() throws {
        try Self.withDirectory { directory in
            let authority = CertificateAuthority(directory: directory)
            _ = try authority.prepare()
            let key = try Ed25519PrivateKey(
                pem: String(contentsOfFile: authority.assertionKeyPath, encoding: .utf8)
            )
            let half = try Ed25519PublicKey(
                pem: String(contentsOfFile: authority.assertionPublicKeyPath, encoding: .utf8)
            )
            let signature = try #require(key.sign([1, 2, 3]))
            #expect(half.isValid(signature: signature, for: [1, 2, 3]))
        }
    }

    @Test(arguments: ["a,DNS:evil.test", "", "a b", "a\n", "*", "*.", "a/b"])
    func `A name that would smuggle in another is refused`(name: String) throws {
        try Self.withDirectory { directory in
            #expect(throws: CertificateError.badName(name)) {
                try CertificateAuthority(directory: directory).prepare(names: [name])
            }
        }
    }

    @Test func `A certificate with the key of another, or none, is refused`() throws {
        try Self.withDirectory { directory in
            let (first, second) = ("\(directory)/a", "\(directory)/b")
            let (a, b) = (
                CertificateAuthority(directory: first), CertificateAuthority(directory: second)
            )
            _ = try a.prepare()
            _ = try b.prepare()
            let view = FileSystemView.real
            #expect(
                view.certificateProblem(.init(certificate: a.certificatePath, key: a.keyPath))
                    == nil
            )
            for (certificate, key, code) in [
                (a.certificatePath, b.keyPath, ProblemCode.keyMismatch),
                (a.certificatePath, b.certificatePath, .keyMismatch),
                (a.keyPath, a.keyPath, .badCertificate),
                ("\(directory)/none", a.keyPath, .badCertificate),
            ] {
                #expect(
                    view.certificateProblem(.init(certificate: certificate, key: key))?.code == code
                )
            }
        }
    }
}
