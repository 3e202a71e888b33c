/// `@geoLookup`: the value is an address that the location database knows. Fills the collection `GEO`.
///
///     SecRule REMOTE_ADDR "@geoLookup" "id:1,phase:1,pass,nolog,chain"
///         SecRule GEO:COUNTRY_CODE "!@within DE AT CH" "setvar:tx.is_far=1"
final class GeoLookup: Operator {
    func matches(_ input: ByteView, _ evaluation: inout Evaluation) -> Bool {
        guard let address = IPNetwork(input), address.isSingleAddress,
            let found = address.location(in: evaluation.workspace.locations)
        else { return false }
        evaluation.location = found
        return true
    }
}
