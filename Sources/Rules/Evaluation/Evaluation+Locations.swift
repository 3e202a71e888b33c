import Locations

/// The collection `GEO`: what `@geoLookup` found.
extension Evaluation {
    private static let members: [(name: StaticString, field: Location.Field)] = [
        ("country_code", .countryCode), ("country_name", .countryName),
        ("country_continent", .continentCode), ("region", .regionCode), ("city", .cityName),
        ("postal_code", .postalCode), ("latitude", .latitude), ("longitude", .longitude),
    ]

    mutating func gatherLocation(_ selector: MemberSelector?) {
        guard let location else { return }
        for (name, field) in Evaluation.members {
            let name = ByteView(name)
            if let selector, !selector.selects(name, workspace.matcher) { continue }
            guard let value = location[field] else { continue }
            operands.append(
                Operand(
                    variable: .geo,
                    key: name,
                    value: arena.copy(value),
                    id: -1,
                    isCount: false
                )
            )
        }
    }

    /// One member; empty if the database does not say.
    mutating func locationMember(_ name: ByteView) -> ByteView {
        let field = Evaluation.members.first { name.equalsFolded($0.name) }?.field
        guard let value = field.flatMap({ location?[$0] }) else { return ByteView() }
        return arena.copy(value)
    }
}
