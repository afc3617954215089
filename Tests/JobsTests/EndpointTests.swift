// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@Suite("An endpoint in another region of AWS")
struct AmazonEndpointTests {
    @Test(
        "keeps its kind",
        arguments: [
            ("s3.us-east-1.amazonaws.com", "s3.eu-west-1.amazonaws.com"),
            ("s3.amazonaws.com", "s3.eu-west-1.amazonaws.com"),
            ("s3.dualstack.us-east-1.amazonaws.com", "s3.dualstack.eu-west-1.amazonaws.com"),
            ("s3.cn-north-1.amazonaws.com.cn", "s3.eu-west-1.amazonaws.com.cn"),
        ]
    )
    func moves(host: String, other: String) throws {
        let endpoint = try Endpoint("https://\(host)")
        #expect(endpoint.inAmazonRegion("eu-west-1") == (try Endpoint("https://\(other)")))
    }

    @Test(
        "is the same where it was chosen for what it is",
        arguments: [
            "s3-fips.us-east-1.amazonaws.com", "s3-accelerate.amazonaws.com", "s3.example.org",
            "s3.amazonaws.com.example.org", "bucket.vpce-1.s3.us-east-1.vpce.amazonaws.com",
        ]
    )
    func stays(host: String) throws {
        let endpoint = try Endpoint("https://\(host)")
        #expect(endpoint.inAmazonRegion("eu-west-1") == endpoint)
    }
}
