// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// Signs many URLs by minio-go and prints how many a CPU second: presign_minio COUNT
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

func main() {
	runtime.GOMAXPROCS(1)
	count, _ := strconv.Atoi(os.Args[1])
	keys := credentials.NewStaticV4("AKIABENCH", "benchsecret", "")
	client, err := minio.New("s3.us-east-1.amazonaws.com", &minio.Options{Creds: keys, Region: "us-east-1", Secure: true})
	if err != nil {
		log.Fatal(err)
	}
	for number := 0; number < count; number++ {
		key := fmt.Sprintf("2026/reports/file-%07d", number)
		if _, err := client.PresignedGetObject(context.Background(), "bench", key, time.Hour, nil); err != nil {
			log.Fatal(err)
		}
	}
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	seconds := float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
	fmt.Println(int(float64(count) / seconds))
}
