# SPDX-License-Identifier: Apache-2.0
"""Uploads a folder with boto3, 16 files at a time: boto.py ENDPOINT BUCKET FOLDER"""
import os, sys
from concurrent.futures import ThreadPoolExecutor
import boto3
from botocore.config import Config

endpoint, bucket, folder = sys.argv[1:]
client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1",
                      config=Config(max_pool_connections=16, s3={"addressing_style": "path"}))


def put(path):
    with open(path, "rb") as file:
        client.put_object(Bucket=bucket, Key=os.path.relpath(path, folder), Body=file)


with ThreadPoolExecutor(16) as pool:
    list(pool.map(put, (os.path.join(root, name) for root, _, names in os.walk(folder) for name in names)))
