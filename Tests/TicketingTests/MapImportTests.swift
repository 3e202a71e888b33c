import Testing

@testable import Ticketing

struct MapImportTests {
    @Test
    func `A venue whose name or time zone is another is corrected on demand, never in silence`()
        async throws
    {
        try await RunningShop.run { shop in
            let admin = try await shop.signIn("root@example.com", role: .admin)
            let path = "/api/v1/admin/maps"
            #expect(try await shop.client.post(path, json: AdminTests.map, admin).status == 201)
            #expect(try await shop.client.post(path, json: AdminTests.map, admin).status == 201)
            let moved = AdminTests.map.replacing("Europe/Lisbon", with: "Atlantic/Azores")
            let refused = try await shop.client.post(path, json: moved, admin)
            #expect(refused.status == 409)
            #expect(refused.member("type") == "venue-differs")
            #expect(refused.member("detail") == "barn is Barn, Faro, Europe/Lisbon")
            #expect(try await shop.fixture.count("SELECT COUNT(*) FROM seat_maps") == 3)
            let meant = moved.replacing(#""tz""#, with: #""replace":true,"tz""#)
            #expect(try await shop.client.post(path, json: meant, admin).status == 201)
            let zone = "SELECT COUNT(*) FROM venues WHERE tz = 'Atlantic/Azores'"
            #expect(try await shop.fixture.count(zone) == 1)
        }
    }
}
