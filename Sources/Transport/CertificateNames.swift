import COpenSSL

/// The DNS names a certificate is for.
enum CertificateNames {
    /// The lower-case subject alternative names of kind DNS (RFC 6125); wildcards as they are written.
    static func of(_ certificate: OpaquePointer?) -> [String] {
        guard let certificate = unsafe certificate,
            let names = unsafe X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil)
        else { return [] }
        defer { unsafe bmh_openssl_free_general_names(names) }
        var result: [String] = []
        let count = unsafe bmh_openssl_general_name_count(names)
        for index in 0..<count {
            var length: Int32 = 0
            guard let text = unsafe bmh_openssl_general_name_dns(names, index, &length), length > 0
            else { continue }
            let bytes = unsafe UnsafeBufferPointer(start: text, count: Int(length))
            result.append(unsafe String(decoding: bytes, as: UTF8.self).lowercased())
        }
        return result
    }
}
