/// A host of a request: one name, or every name below a domain.
enum HostPattern: Sendable, Hashable {
    /// Exactly this name, in lower case.
    case exact(String)
    /// Every name that ends in this suffix, such as `.example.com` of `*.example.com`; never the domain itself.
    case suffix(String)
}

/// The path of a request, compared with its canonical form.
enum PathPattern: Sendable, Hashable {
    /// Exactly this path.
    case exact(String)
    /// This path and everything below it; `/assets/` of `/assets/*`.
    case prefix(String)
}
