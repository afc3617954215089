#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""presign_boto.py COUNT: signs as many URLs by boto3 and prints how many a CPU second."""
import sys, time
import boto3
from botocore.config import Config

count = int(sys.argv[1])
client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="AKIABENCH", aws_secret_access_key="benchsecret",
                      config=Config(signature_version="s3v4", s3={"addressing_style": "path"}))
started = time.process_time()
for number in range(count):
    client.generate_presigned_url("get_object", Params={"Bucket": "bench", "Key": f"2026/reports/file-{number:07d}"},
                                  ExpiresIn=3600)
print(int(count / (time.process_time() - started)))
