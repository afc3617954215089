// SPDX-License-Identifier: Apache-2.0
internal import Jobs
internal import Objects

extension ObjectCopier {
    func tooLarge(_ job: Job, _ receipt: Receipt) -> Failure {
        Failure(
            .giveUp,
            code: "too-large-to-copy",
            message:
                "\(place) copies at most \(place.dialect.words.largestPut) in one request, and "
                + "\(job.key) has \(receipt.size) bytes; it was not copied and its link was left "
                + "as it is. Use `--strategy delete` and drop the file again."
        )
    }

    func gone(_ job: Job) -> Failure {
        Failure(
            .giveUp,
            code: "object-gone",
            message: "\(place) has no object \(place.bucket)/\(job.key) any more, so nothing was "
                + "copied; its link serves nothing. Drop the file again for a new link."
        )
    }

    func replaced(_ job: Job) -> Failure {
        Failure(
            .giveUp,
            code: "object-differs",
            message: "\(place.bucket)/\(job.key) in \(place) is another object than was uploaded; "
                + "it was neither copied nor removed. Check who else writes this key."
        )
    }

    func differs(_ target: Job) -> Failure {
        Failure(
            .giveUp,
            code: "object-differs",
            message: "the copy \(place.bucket)/\(target.key) in \(place) has other bytes than were "
                + "uploaded; its link was not made and nothing was removed. Check who else writes "
                + "this bucket, remove the copy, and revoke again."
        )
    }

    func taken(_ target: Job) -> Failure {
        Failure(
            .giveUp,
            code: "key-exists",
            message: "\(place.bucket)/\(target.key) exists already in \(place) and is another's; "
                + "nothing was copied over it. Revoke again: the copy gets another key."
        )
    }

    func cannotCopy(_ job: Job) -> Failure {
        Failure(
            .giveUp,
            code: "NotImplemented",
            message:
                "\(place) does not copy objects; \(job.key) was left as it is. Use `--strategy "
                + "delete` and drop the file again."
        )
    }

    func undecided(_ job: Job) -> Failure {
        Failure(
            .retry,
            code: "undecided",
            message: "\(place) contradicted itself about \(place.bucket)/\(job.key); it is tried "
                + "again later."
        )
    }
}
