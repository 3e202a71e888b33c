import HTTP
import Rules

extension FieldSection {
    /// Whether the field has the name under which rules see the fingerprint, which no client may claim.
    fileprivate func isFingerprint(_ index: Int) -> Bool {
        name(index).count == 9 && name(index).equalsIgnoringCase("x-tls-ja4")
    }
}

extension Transaction {
    /// Hands over a parsed head; its bytes stay in place for as long as the exchange lasts.
    ///
    /// - Parameters:
    ///   - joined: room for the values of a repeated field, which has to stay in place as well.
    ///   - places: where the rules keep the fields that the parser knows, by the number of the name.
    func setRequest(_ head: RequestHead, joined: OutputBuffer, places: [HeaderPlace]) {
        let version = ByteView(head.version.text)
        let target = head.target.raw
        unsafe head.methodName.withUnsafeBytes { method in
            unsafe target.withUnsafeBytes { target in
                unsafe version.withUnsafeBytes {
                    unsafe setRequestLine(method: method, target: target, version: $0)
                }
            }
        }
        let fields = head.fields
        for index in 0..<fields.count {
            switch fields.known(index) {
            case .contentType: continue
            case .other:
                // What `Connection` lists is for nobody behind us, and so for nobody here.
                if fields.isHopByHop(index) || fields.isFingerprint(index) { continue }
                addRequestField(fields.name(index), fields.value(index))
            case let name:
                let place = places[Int(name.rawValue)]
                guard place.isWanted else { continue }
                addRequestField(fields.name(index), fields.value(index), at: place)
            }
        }
        if fields.contains(.contentType) { addContentType(fields, joined) }
    }

    /// Content-Type is one field, and stays one if it is repeated: its values, joined by commas (RFC 9110, 5.3), are
    /// what a reader has to make of them, and no type that anything allows.
    private func addContentType(_ fields: FieldSection, _ joined: OutputBuffer) {
        if let value = fields.only(.contentType) {
            return addRequestField(ByteView("content-type"), value)
        }
        joined.removeAll()
        for value in fields.values(of: .contentType) {
            if !joined.isEmpty { joined.append(", ") }
            joined.append(value)
        }
        addRequestField(ByteView("content-type"), joined.readable)
    }

    /// The fingerprint of the client's TLS is a field of the request to rules: `REQUEST_HEADERS:X-TLS-JA4`.
    func setFingerprint(_ fingerprint: ByteView) {
        if !fingerprint.isEmpty { addRequestField(ByteView("x-tls-ja4"), fingerprint) }
    }

    func addRequestField(_ name: ByteView, _ value: ByteView) {
        unsafe name.withUnsafeBytes { name in
            unsafe value.withUnsafeBytes { unsafe addRequestHeader(name: name, value: $0) }
        }
    }

    private func addRequestField(_ name: ByteView, _ value: ByteView, at place: HeaderPlace) {
        unsafe name.withUnsafeBytes { name in
            unsafe value.withUnsafeBytes {
                unsafe addRequestHeader(name: name, value: $0, at: place)
            }
        }
    }

    /// Hands over what could be read of a head that was refused; its bytes stay in place until the exchange is done.
    func setRequest(_ head: RefusedHead) {
        unsafe head.method.withUnsafeBytes { method in
            unsafe head.target.withUnsafeBytes { target in
                unsafe head.version.withUnsafeBytes {
                    unsafe setRequestLine(method: method, target: target, version: $0)
                }
            }
        }
        for field in head.fields { addRequestField(field.name, field.value) }
    }

    func setResponseLine(status: Int) {
        let version = ByteView("HTTP/1.1")
        unsafe version.withUnsafeBytes { unsafe setResponseLine(status: status, version: $0) }
    }

    func addResponseField(_ name: ByteView, _ value: ByteView) {
        unsafe name.withUnsafeBytes { name in
            unsafe value.withUnsafeBytes { unsafe addResponseHeader(name: name, value: $0) }
        }
    }
}
