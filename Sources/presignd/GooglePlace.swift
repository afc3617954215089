// SPDX-License-Identifier: Apache-2.0

import Credentials
import Daemon
import Jobs
import Sign

/// What `gs://bucket/key` means here: the signer for the bucket, and the key.
struct GooglePlace {
    let signer: any URLSigner
    let key: ObjectKey

    init(_ target: String, _ place: PlaceOptions, _ environment: [String: String]) throws {
        try place.require(only: ["--endpoint-url", "--key-file"], for: "gs://")
        let (bucket, key) = try BucketPath.split(target, after: "gs://")
        guard let file = place.keyFile ?? environment["GOOGLE_APPLICATION_CREDENTIALS"] else {
            throw CommandFailure.usage(
                "gs:// is signed by a service account: name its JSON file by --key-file or "
                    + "GOOGLE_APPLICATION_CREDENTIALS (with an HMAC key use s3:// and "
                    + "--endpoint-url https://storage.googleapis.com)"
            )
        }
        let finder = CredentialFinder(environment: environment)
        signer = SigV4Signer(
            endpoint: try Endpoint(place.endpointUrl ?? "https://storage.googleapis.com"),
            style: .path,
            bucket: bucket,
            key: try GoogleKey(try finder.find(GoogleCredentialSource.serviceAccountFile(file)))
        )
        self.key = key
    }
}
