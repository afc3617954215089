// SPDX-License-Identifier: Apache-2.0
// Linux calls that glibc or Swift's Glibc module does not offer, and the one C kernel.
#ifndef PRESIGND_CLINUX_H
#define PRESIGND_CLINUX_H

#include <stddef.h>
#include <stdint.h>

/// Opens `path` beneath the folder `dirfd`: never through a symbolic link, never out of the folder
/// (openat2(2) with RESOLVE_BENEATH, NO_SYMLINKS and NO_MAGICLINKS).
/// Returns a descriptor, or -1 with errno: ELOOP for a link, EXDEV for a way out.
int cs_open_beneath(int dirfd, const char *path, int flags, unsigned int mode);

/// The same by opening one folder after the other, for where openat2 is forbidden. `..` is refused
/// wherever it stands.
int cs_open_beneath_by_parts(int dirfd, const char *path, int flags, unsigned int mode);

/// Renames without replacing (renameat2(2), RENAME_NOREPLACE); -1 with errno EEXIST if taken.
int cs_rename_noreplace(int from_dirfd, const char *from, int to_dirfd, const char *to);

/// Appends up to `length` bytes of a file, from `offset` on, where `to` stands (copy_file_range(2));
/// file systems that can share the blocks. Returns the bytes copied, or -1 with errno.
ptrdiff_t cs_copy_range(int from, int64_t offset, int to, size_t length);

/// Says whether a process has the file behind `fd` open for writing, by taking and giving back a
/// read lease (fcntl(2), F_SETLEASE). 0: no writer; 1: a writer; -1: cannot tell (errno: EACCES when
/// the file is another user's, EINVAL on file systems without leases). The process must ignore
/// SIGIO: a writer that opens the file in between would raise it, and its default action kills.
int cs_has_writer(int fd);

/// The magic number of the file system that holds `path` (statfs(2), linux/magic.h), or -1.
int64_t cs_file_system_magic(const char *path);

/// The same for the file system that holds the open file `fd` (fstatfs(2)).
int64_t cs_file_system_magic_of(int fd);

/// Forbids core dumps and ptrace of this process (prctl(2), PR_SET_DUMPABLE 0). 0 or -1.
int cs_set_undumpable(void);

/// Raises the limit on open descriptors to the most that this process may have (setrlimit(2),
/// RLIMIT_NOFILE): each file on its way takes two. 0, or -1 (errno), and then it stays as it was.
int cs_raise_descriptor_limit(void);

/// Has malloc(3) keep few arenas and give freed memory back (mallopt(3)): by default each thread
/// gets an arena of its own, and what a burst needed stays in them all.
void cs_bound_allocator(void);

/// Lets go of the pages of program and libraries that are not changed (madvise(2), MADV_DONTNEED):
/// most are those of the start and never used again, the others come back from the page cache.
void cs_forget_start_up(void);

/// From now on a crash of this process (SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP) first
/// writes its signal's number and a newline to `fd`, which must stay open. 0, or -1 (errno).
int cs_record_crash(int fd);

/// Starts the program `words[0]`, found as the shell finds it (posix_spawnp(3)), in a process group
/// of its own, with these variables, no input, standard error dropped, none of our open files, and
/// every signal as it is by default. `output` gets the end of a pipe with what it prints, which does
/// not block. 0 or an error number.
int cs_start_program(char *const words[], char *const variables[], int32_t *child, int *output);

/// The same for a program that is told something: `input` is its standard input, whole, and the pipe
/// takes its standard error too; it begins in the folder `/`.
int cs_start_command(char *const words[], char *const variables[], const void *input, size_t length,
                     int32_t *child, int *output);

/// A file in memory that no name leads to (memfd_create(2)), closed when a program is started; -1
/// (errno) when there is no room for it.
int cs_memory_file(void);

/// Whether a child has ended; it stays there, and its process group with it, until waitpid(2) is
/// called.
int cs_has_ended(int32_t child);

/// Where `pattern` begins in `text`, or -1 (memmem(3)): in time linear in `size`, whatever the bytes.
ptrdiff_t cs_find(const void *text, size_t size, const void *pattern, size_t length);

/// Continues a CRC-64/NVME (reflected polynomial 0x9a6c9329ac4bc9b5). Start with 0; the value
/// returned is final and may be passed in again with the bytes that follow.
uint64_t cs_crc64nvme(uint64_t crc, const void *data, size_t length);

/// The CRC-64/NVME of two stretches, one behind the other, from that of each; `length` is the second's.
uint64_t cs_crc64nvme_join(uint64_t first, uint64_t second, uint64_t length);

/// The same by the portable way, whatever the processor has; for tests and for comparison.
uint64_t cs_crc64nvme_portable(uint64_t crc, const void *data, size_t length);

#endif
