// SPDX-License-Identifier: Apache-2.0

/// What Azure's error codes mean, where its words are its own ("Common REST API error codes" and
/// "Blob service error codes", Azure Storage REST API).
enum AzureErrors {
    static func kind(of code: String) -> ErrorKind? {
        switch code {
        case "ServerBusy": .throttling
        case "OperationTimedOut", "ContainerBeingDeleted", "AccountBeingCreated": .transient
        case "InvalidAuthenticationInfo", "NoAuthenticationInformation",
            "AuthorizationServiceMismatch", "AuthorizationResourceTypeMismatch":
            .signature
        case "AuthorizationFailure", "AuthorizationPermissionMismatch",
            "AuthorizationProtocolMismatch", "AuthorizationSourceIPMismatch",
            "InsufficientAccountPermissions", "PublicAccessNotPermitted",
            "KeyBasedAuthenticationNotPermitted":
            .denied
        case "ContainerNotFound": .noBucket
        case "AccountIsDisabled", "ContainerDisabled": .account
        case "Md5Mismatch", "InvalidMd5", "Crc64Mismatch": .integrity
        case "RequestBodyTooLarge": .tooLarge
        case "UnsupportedHttpVerb": .notAStore
        case "BlobArchived", "BlobImmutableDueToPolicy", "LeaseIdMissing", "InvalidBlobType":
            .permanent
        default: nil
        }
    }

    static func cure(of kind: ErrorKind, _ code: String) -> String? {
        switch kind {
        case .signature:
            "Check `account:` and the account's key in `credentials:`, and that no proxy in front "
                + "changes the path."
        case .denied where code == "KeyBasedAuthenticationNotPermitted":
            "Allow storage account key access in the account's configuration."
        case .denied where code == "AuthorizationProtocolMismatch":
            "Write `endpoint:` with https://."
        case .denied:
            "Allow this machine in the storage account's networking, and the account's key to be "
                + "used."
        case .noBucket:
            "Create the container, or mend `container:` of the store."
        case .region:
            "Mend `endpoint:` of the store."
        default: nil
        }
    }
}
