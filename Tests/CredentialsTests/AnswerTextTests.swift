// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Credentials

@Suite("What STS answers")
struct AnswerTextTests {
    @Test("is read by the names of its elements, the first of a name counting")
    func names() {
        let text = AnswerText(
            Array(
                """
                <?xml version="1.0"?><s:A xmlns:s="x"><s:Token a="b">t&amp;&#x41; </s:Token>
                <Empty/><None></None><Outer>lost<Token>2</Token></Outer><After>x</After></s:A>
                """.utf8
            )
        )
        #expect(text["Token"] == "t&A")
        #expect(text["Empty"] == nil && text["None"] == nil && text["Outer"] == nil)
        #expect(text["After"] == "x")
    }

    @Test("may hold a token of any length")
    func long() {
        let token = String(repeating: "a+/=", count: 4_000)
        #expect(AnswerText(Array("<a><t>\(token)</t></a>".utf8))["t"] == token)
    }

    @Test(
        "is read no further than to what no answer of STS has",
        arguments: [
            "<!DOCTYPE a [<!ENTITY e 'x'>]><a><t>x</t></a>", "<a><!-- c --><t>x</t></a>",
            "<a><b></a><t>x</t>", "<a><t>&e;</t></a>", "<a><t>x", "no XML",
            String(repeating: "<a>", count: 33) + "<t>x</t>",
        ]
    )
    func refused(text: String) {
        #expect(AnswerText(Array(text.utf8))["t"] == nil)
    }
}
