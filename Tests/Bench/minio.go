// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// Uploads a folder with minio-go, 16 files at a time: minio-go HOST BUCKET FOLDER
package main

import (
	"context"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"sync"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

func main() {
	host, bucket, folder := os.Args[1], os.Args[2], os.Args[3]
	keys := credentials.NewStaticV4(os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), "")
	client, err := minio.New(host, &minio.Options{Creds: keys, Region: "us-east-1"})
	if err != nil {
		log.Fatal(err)
	}
	paths := make(chan string, 1000)
	var workers sync.WaitGroup
	for i := 0; i < 16; i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for path := range paths {
				name, _ := filepath.Rel(folder, path)
				if _, err := client.FPutObject(context.Background(), bucket, name, path, minio.PutObjectOptions{}); err != nil {
					log.Fatal(err)
				}
			}
		}()
	}
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			paths <- path
		}
		return err
	})
	close(paths)
	workers.Wait()
	if err != nil {
		log.Fatal(err)
	}
}
