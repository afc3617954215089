// SPDX-License-Identifier: Apache-2.0

/// What kind of trouble a store's error code is: the table of classes, and the one place to add to.
enum ErrorKind: Hashable {
    case throttling
    case transient
    case clock
    case signature
    case unknownKey
    case expiredCredentials
    case denied
    case noBucket
    case region
    case full
    case account
    case notAStore
    case integrity
    case tooLarge
    case nameTooLong
    case permanent

    /// The kind of a code, or nothing when the code is not known here.
    init?(code: String) {
        guard let kind = Self.byCode[code] else {
            guard code.hasPrefix("KMS.") else { return nil }
            self = .account
            return
        }
        self = kind
    }

    /// The kind of a bare status.
    init(status: Int) {
        switch status {
        case 429, 503: self = .throttling
        case 300..<400: self = .region
        case 401, 403: self = .denied
        case 404, 405, 407: self = .notAStore
        case 408, 409, 425: self = .transient
        case 413: self = .tooLarge
        case 414: self = .nameTooLong
        case 501: self = .permanent
        case 507: self = .full
        case 500...: self = .transient
        case 400..<500: self = .permanent
        // 1xx and anything a store cannot send.
        default: self = .notAStore
        }
    }

    private static let byCode: [String: ErrorKind] = {
        var table: [String: ErrorKind] = [:]
        for (kind, codes) in codes {
            for code in codes.split(whereSeparator: \.isWhitespace) { table[String(code)] = kind }
        }
        return table
    }()

    // botocore's and aws-c-s3's lists, and what other stores were seen to send.
    private static let codes: [(ErrorKind, String)] = [
        (
            .throttling,
            """
            Throttling ThrottlingException ThrottledException RequestThrottledException
            RequestThrottled TooManyRequests TooManyRequestsException SlowDown SlowDownRead
            SlowDownWrite ProvisionedThroughputExceededException TransactionInProgressException
            RequestLimitExceeded BandwidthLimitExceeded LimitExceededException
            PriorRequestNotComplete EC2ThrottledException ServiceUnavailable
            """
        ),
        (
            .transient,
            """
            RequestTimeout RequestTimeoutException InternalError InternalErrors InternalFailure
            IncompleteBody OperationAborted ConditionalRequestConflict OperationTimedOut
            """
        ),
        (
            .clock,
            """
            RequestTimeTooSkewed RequestInTheFuture RequestExpired ExpiredRequest
            """
        ),
        (.signature, "SignatureDoesNotMatch InvalidSignatureException AuthFailure"),
        (.unknownKey, "InvalidAccessKeyId NotSignedUp InvalidSecurity"),
        (
            .expiredCredentials,
            "ExpiredToken ExpiredTokenException TokenRefreshRequired InvalidToken"
        ),
        (.denied, "AccessDenied Forbidden Unauthorized AllAccessDisabled"),
        (.noBucket, "NoSuchBucket InvalidBucketName"),
        (
            .region,
            """
            PermanentRedirect TemporaryRedirect Redirect AuthorizationHeaderMalformed
            AuthorizationQueryParametersError IllegalLocationConstraintException
            """
        ),
        (
            .full,
            """
            QuotaExceeded XMinioStorageFull XMinioAdminBucketQuotaExceeded StorageFull
            InsufficientStorage
            """
        ),
        (
            .account,
            """
            AccountProblem InvalidPayer UserSuspended InvalidBucketState BucketDisabled
            """
        ),
        (
            .integrity,
            """
            BadDigest InvalidDigest XAmzContentSHA256Mismatch XAmzContentChecksumMismatch
            """
        ),
        (.notAStore, "MethodNotAllowed"),
        (.tooLarge, "EntityTooLarge MaxMessageLengthExceeded"),
        (.nameTooLong, "KeyTooLong KeyTooLongError"),
    ]
}
