// SPDX-License-Identifier: Apache-2.0

extension Endpoint {
    /// The same endpoint in another region of AWS.
    ///
    /// One of another kind (another owner's, FIPS, accelerated) stays as it is: it was chosen for what
    /// it is, and nobody is followed to a host that was not meant.
    public func inAmazonRegion(_ region: String) -> Endpoint {
        for suffix in [".amazonaws.com", ".amazonaws.com.cn"] where host.hasSuffix(suffix) {
            let labels = host.dropLast(suffix.count).split(separator: ".").map(String.init)
            var moved = self
            switch labels.count {
            case 1 where labels[0] == "s3", 2 where labels[0] == "s3":
                moved.host = "s3.\(region)\(suffix)"
            case 3 where labels[0] == "s3" && labels[1] == "dualstack":
                moved.host = "s3.dualstack.\(region)\(suffix)"
            default:
                return self
            }
            return moved
        }
        return self
    }
}
