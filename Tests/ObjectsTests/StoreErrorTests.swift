// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Objects

@Suite("An error document")
struct StoreErrorTests {
    @Test("gives code, message, header, region and request id")
    func fields() throws {
        let text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <Error><Code>AuthorizationHeaderMalformed</Code><Message>wrong &lt;region&gt; &#x21;\
            </Message><Header>h</Header><Region>eu-west-1</Region><RequestId>R1</RequestId>\
            <HostId/></Error>
            """
        let error = try #require(StoreError(Array(text.utf8)))
        #expect(error.code == "AuthorizationHeaderMalformed")
        #expect(error.message == "wrong <region> !")
        #expect(error.header == "h")
        #expect(error.region == "eu-west-1")
        #expect(error.requestID == "R1")
    }

    @Test(
        "is found in the forms that stores send",
        arguments: [
            "<Error><Code>X</Code></Error>",
            "\u{feff}<Error><Code>X</Code></Error>",
            "  \n<Error xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Code>X</Code></Error>",
            "<ErrorResponse><Error><Code>X</Code></Error></ErrorResponse>",
            "<!-- c --><s3:Error a='>'><s3:Code >X</s3:Code></s3:Error>",
            "<Error><Code><![CDATA[X]]></Code></Error>",
            "<Error><Extra><Deep><Deeper/></Deep></Extra><Code>X</Code></Error>",
        ]
    )
    func forms(text: String) {
        #expect(StoreError(Array(text.utf8))?.code == "X")
    }

    @Test(
        "is not seen in anything else",
        arguments: [
            "", "x", "<", "<Error", "<Error>", "<Error><Code>X</Code>", "<html><body/></html>",
            "<ListBucketResult><Code>X</Code></ListBucketResult>", "</Error>",
            "<!DOCTYPE Error [<!ENTITY a \"b\">]><Error><Code>&a;</Code></Error>", "{\"Code\":1}",
        ]
    )
    func others(text: String) {
        #expect(StoreError(Array(text.utf8)) == nil)
    }

    @Test("knows no entity but those of XML")
    func entities() throws {
        let text = "<Error><Message>&amp;&evil;&#0;&#xD800;&#65;&</Message></Error>"
        let error = try #require(StoreError(Array(text.utf8)))
        #expect(error.message == "&&evil;\0&#xD800;A&".replacing("\0", with: " "))
    }

    @Test("brings no control character into a message")
    func controls() throws {
        let text = "<Error><Message>a\u{1b}[31m\nb\u{202e}</Message></Error>"
        #expect(StoreError(Array(text.utf8))?.message == "a [31m b ")
    }

    @Test("is bounded in size and depth")
    func bounds() {
        let deep =
            String(repeating: "<Error>", count: 40) + String(repeating: "</Error>", count: 40)
        #expect(StoreError(Array(deep.utf8)) == nil)
        let long = "<Error><Code>X</Code></Error>" + String(repeating: " ", count: 70_000)
        #expect(StoreError(Array(long.utf8)) == nil)
    }

    @Test("may be cut or damaged anywhere without harm")
    func damage() {
        let whole = Array(
            "<?xml?><!--c--><Error a=\"b\"><Code>No&#65;</Code><B/><![CDATA[x]]></Error>".utf8
        )
        var random = SystemRandomNumberGenerator()
        for end in whole.indices { #expect(StoreError(Array(whole[..<end])) == nil) }
        var understood = 0
        for _ in 0..<5_000 {
            var damaged = whole
            let index = Int.random(in: damaged.indices, using: &random)
            damaged[index] = UInt8.random(in: 0...255, using: &random)
            if StoreError(damaged) != nil { understood += 1 }
        }
        #expect(understood > 0)
    }
}
