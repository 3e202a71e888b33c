import Testing

@testable import Gateway

@Suite struct AdminClientTests {
    @Test(arguments: [
        (#"{"problem":"there is no such room"}"#, "there is no such room"),
        (#"{ "problem" : "say \"auto\", \\ or\n\u00e9" }"#, "say \"auto\", \\ or\né"),
        (#"{"problem":"a","more":1}"#, "a"), (#"{"problem":"cut"#, #"{"problem":"cut"#),
        ("busy", "busy"), ("", ""),
    ])
    func `What an answer says is wrong is told without the JSON around it`(
        body: String,
        told: String
    ) {
        #expect(AdminClient.problem(body[...]) == told)
    }
}
