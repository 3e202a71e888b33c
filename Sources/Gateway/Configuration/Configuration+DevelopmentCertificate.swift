import Transport

extension Configuration {
    /// The directory of the development certificate, seen from where the gateway is started.
    static let developmentCertificates = "certs"

    /// Whether TLS is wanted and no certificate is given.
    var usesDevelopmentCertificate: Bool {
        tls.certificates.isEmpty && listeners.contains(where: \.tls)
    }

    /// The same with the development certificate, made if it is not there yet, where TLS has no other. To be asked
    /// after every load.
    func withDevelopmentCertificate() throws(CertificateError) -> Configuration {
        guard usesDevelopmentCertificate else { return self }
        var configuration = self
        let authority = CertificateAuthority(directory: Self.developmentCertificates)
        _ = try authority.prepare()
        configuration.tls.certificates = [
            .init(certificate: authority.certificatePath, key: authority.keyPath)
        ]
        return configuration
    }
}
