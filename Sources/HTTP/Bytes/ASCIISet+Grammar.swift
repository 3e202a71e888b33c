/// The character classes of RFC 9110 and RFC 3986 that the parsers ask for.
extension ASCIISet {
    /// `tchar`: what a method or a field name is made of (RFC 9110 section 5.6.2).
    @inlinable static var token: ASCIISet {
        ASCIISet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)
    }

    /// `unreserved`: letters, digits and `-._~` (RFC 3986 section 2.3).
    static var unreserved: ASCIISet {
        ASCIISet(low: 0x03FF_6000_0000_0000, high: 0x47FF_FFFE_87FF_FFFE)
    }

    /// What stands for itself in a registered name (RFC 3986 section 3.2.2), but `,` and `;`, which part lists.
    static var hostName: ASCIISet {
        ASCIISet(low: 0x23FF_6FD2_0000_0000, high: 0x47FF_FFFE_87FF_FFFE)
    }

    /// What stands in a canonical path for itself: unreserved, the sub-delimiters without `;`, and `:@/[]`.
    static var plainPath: ASCIISet {
        ASCIISet(low: 0x27FF_FFD2_0000_0000, high: 0x47FF_FFFE_AFFF_FFFF)
    }

    /// What stays as it is in a query: visible ASCII without `"<>\^`{|}#` and the grave accent.
    static var plainQuery: ASCIISet {
        ASCIISet(low: 0xAFFF_FFF2_0000_0000, high: 0x47FF_FFFE_AFFF_FFFF)
    }
}
