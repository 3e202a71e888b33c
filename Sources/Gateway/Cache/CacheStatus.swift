import HTTP

/// What the cache did with a request, as the Cache-Status field tells it (RFC 9211).
enum CacheStatus: Sendable, Equatable {
    /// Why a request went on to the origin (RFC 9211 section 2.2).
    enum Forward: Sendable, CaseIterable {
        /// The cache was told not to look: a request it does not handle, or a configuration without cache.
        case bypass
        /// The method's meaning demands it.
        case method
        /// Nothing is stored for the URI.
        case uriMiss
        /// Something is stored for the URI, but not for what its Vary names.
        case varyMiss
        /// What is stored is no longer fresh.
        case stale
    }

    case hit(secondsLeft: Int)
    case forwarded(Forward, isStored: Bool)

    /// Writes the field's value: `haniel; hit; ttl=30`, `haniel; fwd=uri-miss; stored`.
    func append(to output: OutputBuffer) {
        switch self {
        case .hit(let secondsLeft):
            output.append("haniel; hit; ttl=")
            output.append(decimal: secondsLeft)
        case .forwarded(let reason, let isStored):
            output.append(Self.text(reason))
            if isStored { output.append("; stored") }
        }
    }

    private static func text(_ reason: Forward) -> StaticString {
        switch reason {
        case .bypass: "haniel; fwd=bypass"
        case .method: "haniel; fwd=method"
        case .uriMiss: "haniel; fwd=uri-miss"
        case .varyMiss: "haniel; fwd=vary-miss"
        case .stale: "haniel; fwd=stale"
        }
    }
}
