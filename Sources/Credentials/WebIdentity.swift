// SPDX-License-Identifier: Apache-2.0

/// A role, and the file with the token that an identity provider (Kubernetes, a CI service) gives
/// for it.
struct WebIdentity: Sendable {
    var role: Role
    var tokenFile: String
    var place: TokenServicePlace
}
