// SPDX-License-Identifier: Apache-2.0

/// What the environment and a profile say besides the key.
public struct ProfileSettings: Hashable, Sendable {
    /// `AWS_REGION`, `AWS_DEFAULT_REGION`, or `region` of the profile.
    public var region: String?
    /// `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, or `endpoint_url` of the profile (that of its
    /// `services` section first).
    public var endpointURL: String?

    /// Makes settings.
    public init(region: String? = nil, endpointURL: String? = nil) {
        self.region = region
        self.endpointURL = endpointURL
    }
}
