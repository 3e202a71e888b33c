import HTTP

/// The other rooms on the hosts of one, by their names in the order of the configuration.
struct RoomNeighbours: Sendable {
    var before: [String] = []
    var behind: [String] = []
}

/// The cookies of one room.
///
/// The first room of a host has the plain names, each further one adds its own. Which is the first may change with a
/// reload: what a room gave under its other names still counts, until it is given anew, and a plain name under which a
/// browser keeps something of another room is left to that one.
final class WaitingRoomCookies: Sendable {
    /// Where a room keeps one thing.
    struct Name: Sendable {
        fileprivate let plain: String
        fileprivate let named: String
        fileprivate let isFirst: Bool
        fileprivate let attributes: String

        /// What it is called for whoever shows this.
        private func text(_ shown: Shown.Item) -> String {
            isFirst && !shown.isPlainTaken ? plain : named
        }

        /// The values of `Set-Cookie` that keep it, and take away what it was called before.
        func set(_ value: String, _ shown: Shown.Item) -> [String] {
            let text = text(shown)
            return ["\(text)=\(value)\(attributes)"]
                + names(shown).filter { $0 != text }.map(cleared)
        }

        /// The values of `Set-Cookie` that take it away under every name under which it was shown.
        func clear(_ shown: Shown.Item) -> [String] {
            // The answer itself may have just set it under this one.
            let text = text(shown)
            return ([text] + names(shown).filter { $0 != text }).map(cleared)
        }

        /// Whether a value of `Set-Cookie` is about it.
        func isSet(by value: ByteView) -> Bool {
            let name = value.prefix(value.firstIndex(of: UInt8(ascii: "=")) ?? value.count)
            return TokenReader.isEqual(name, plain) || TokenReader.isEqual(name, named)
        }

        /// The names under which there is something of the room.
        private func names(_ shown: Shown.Item) -> [String] {
            (shown.plain?.hasMore == true ? [plain] : []) + (shown.named != nil ? [named] : [])
        }

        private func cleared(_ name: String) -> String { "\(name)=; Max-Age=0\(attributes)" }
    }

    /// What a request shows of a room's cookies.
    struct Shown {
        struct Item {
            /// Under the plain name, if it does not say that it is of another room.
            var plain: TokenReader?
            /// Under the name with the room's, true or false.
            var named: TokenReader?
            /// Whether the plain name keeps something of another room.
            var isPlainTaken = false

            /// What counts: the room's own name before the one that it may have shared.
            var token: TokenReader? {
                named?.hasMore == true ? named : plain?.hasMore == true ? plain : named ?? plain
            }
        }

        var place = Item()
        var admission = Item()
    }

    /// The place in line.
    let place: Name
    /// The admission.
    let admission: Name
    private let room: String
    private let others: [String]
    private let isSecure: Bool

    /// - Parameter isSecure: whether the request came over TLS; `__Host-` needs `Secure` (RFC 6265bis section 4.1.3.2).
    init(room: String, _ neighbours: RoomNeighbours = RoomNeighbours(), isSecure: Bool) {
        let attributes = (isSecure ? "; Secure" : "") + "; HttpOnly; Path=/; SameSite=Lax"
        func name(_ text: String) -> Name {
            let plain = (isSecure ? "__Host-" : "") + text
            return Name(
                plain: plain,
                named: "\(plain)_\(room)",
                isFirst: neighbours.before.isEmpty,
                attributes: attributes
            )
        }
        place = name("wr")
        admission = name("wrs")
        self.room = room
        others = neighbours.before + neighbours.behind
        self.isSecure = isSecure
    }

    /// The room's cookies among those of a request.
    func shown(in cookies: Cookies) -> Shown {
        var shown = Shown()
        cookies.visit(prefixed: ByteView(isSecure ? "__Host-wr" as StaticString : "wr")) { cookie in
            if !note(cookie, as: place, &shown.place) {
                _ = note(cookie, as: admission, &shown.admission)
            }
            return true
        }
        return shown
    }

    /// Returns whether that is the cookie's name. The first of several counts.
    private func note(_ cookie: Cookie, as name: Name, _ item: inout Shown.Item) -> Bool {
        if TokenReader.isEqual(cookie.name, name.named) {
            item.named = item.named ?? TokenReader(cookie.value, of: room)
            return true
        }
        guard TokenReader.isEqual(cookie.name, name.plain) else { return false }
        let token = TokenReader(cookie.value, of: room)
        if !token.hasMore, others.contains(where: { TokenReader(cookie.value, of: $0).hasMore }) {
            item.isPlainTaken = true
        } else {
            item.plain = item.plain ?? token
        }
        return true
    }

    /// Whether a `name=value` pair of a Cookie field belongs to a waiting room.
    static func isOwn(_ pair: ByteView) -> Bool {
        var name = pair.prefix(pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.count)
        if name.hasPrefix("__Host-") { name = name.dropFirst(7) }
        return name.equals("wr") || name.equals("wrs") || name.hasPrefix("wr_")
            || name.hasPrefix("wrs_")
    }
}
