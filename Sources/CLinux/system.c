// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

static int refused(int fd, int error) {
    if (fd >= 0) close(fd);
    errno = error;
    return -1;
}

/// Opens one part of a path, which must not be a symbolic link.
static int open_part(int dirfd, const char *part, int flags, unsigned int mode) {
    int fd = openat(dirfd, part, flags | O_NOFOLLOW, mode);
    struct stat status;
    if (fd >= 0) {
        // With O_PATH the link itself is opened.
        if ((flags & O_PATH) && fstat(fd, &status) == 0 && S_ISLNK(status.st_mode))
            return refused(fd, ELOOP);
        return fd;
    }
    int error = errno;
    if (error == ENOTDIR && fstatat(dirfd, part, &status, AT_SYMLINK_NOFOLLOW) == 0
        && S_ISLNK(status.st_mode))
        error = ELOOP;
    return refused(-1, error);
}

ptrdiff_t cs_copy_range(int from, int64_t offset, int to, size_t length) {
    off64_t position = offset;
    return copy_file_range(from, &position, to, NULL, length, 0);
}

int cs_open_beneath_by_parts(int dirfd, const char *path, int flags, unsigned int mode) {
    char copy[PATH_MAX];
    size_t length = strlen(path);
    if (length >= sizeof copy) return refused(-1, ENAMETOOLONG);
    if (path[0] == '/') return refused(-1, EXDEV);
    memcpy(copy, path, length + 1);
    char *rest = copy, *part = strsep(&rest, "/");
    int folder = dirfd, fd = -1;
    for (;;) {
        char *next = strsep(&rest, "/");
        while (next && *next == 0) next = strsep(&rest, "/");
        if (strcmp(part, "..") == 0) fd = refused(-1, EXDEV);
        else if (next) fd = open_part(folder, part, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
        else fd = open_part(folder, *part ? part : ".", flags, mode);
        int error = errno;
        if (folder != dirfd) close(folder);
        errno = error;
        if (fd < 0 || !next) return fd;
        folder = fd;
        part = next;
    }
}

int cs_open_beneath(int dirfd, const char *path, int flags, unsigned int mode) {
    struct open_how how;
    memset(&how, 0, sizeof how);
    how.flags = (uint64_t)(unsigned int)flags;
    // openat2 refuses a mode where nothing is created.
    how.mode = (flags & (O_CREAT | O_TMPFILE)) ? mode : 0;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    int fd = -1;
    // EAGAIN: a rename elsewhere on the system raced with the walk (openat2(2)).
    for (int tries = 0; tries < 16; tries++) {
        fd = (int)syscall(SYS_openat2, dirfd, path, &how, sizeof how);
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) break;
    }
    // systemd's RestrictSUIDSGID= forbids openat2, whose flags a filter cannot see, with ENOSYS.
    if (fd < 0 && errno == ENOSYS) return cs_open_beneath_by_parts(dirfd, path, flags, mode);
    return fd;
}

int cs_rename_noreplace(int from_dirfd, const char *from, int to_dirfd, const char *to) {
    return renameat2(from_dirfd, from, to_dirfd, to, RENAME_NOREPLACE);
}

int cs_has_writer(int fd) {
    if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
        fcntl(fd, F_SETLEASE, F_UNLCK);
        return 0;
    }
    return errno == EAGAIN ? 1 : -1;
}

int64_t cs_file_system_magic(const char *path) {
    struct statfs answer;
    if (statfs(path, &answer) != 0) return -1;
    return (int64_t)(uint32_t)answer.f_type;
}

int64_t cs_file_system_magic_of(int fd) {
    struct statfs answer;
    if (fstatfs(fd, &answer) != 0) return -1;
    return (int64_t)(uint32_t)answer.f_type;
}

int cs_set_undumpable(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

int cs_raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit);
}

void cs_bound_allocator(void) {
    // With fewer the threads wait for each other: with two a tenth more CPU for a file, with one a seventh.
    (void)mallopt(M_ARENA_MAX, 4);
    // Said outright, or the first large free would raise both for good.
    (void)mallopt(M_MMAP_THRESHOLD, 512 << 10);
    (void)mallopt(M_TRIM_THRESHOLD, 512 << 10);
}

static int forget(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size, (void)context;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) != 0) continue;
        uintptr_t start = (info->dlpi_addr + segment->p_vaddr + page - 1) & ~(page - 1);
        uintptr_t end = (info->dlpi_addr + segment->p_vaddr + segment->p_filesz) & ~(page - 1);
        if (start < end) (void)madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

void cs_forget_start_up(void) { (void)dl_iterate_phdr(forget, NULL); }

static int crash_record = -1;

// Async-signal-safe: write(2) and raise(3) alone. The action is the default one again by now; the
// raised signal waits until this returns, so that the process ends even if nothing repeats the fault.
static void record_crash(int number) {
    char text[3] = {(char)('0' + number / 10), (char)('0' + number % 10), '\n'};
    if (write(crash_record, text, sizeof text) < 0) {
        // There is nobody to tell.
    }
    raise(number);
}

int cs_record_crash(int fd) {
    crash_record = fd;
    static const int crashes[] = {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP};
    struct sigaction action = {.sa_handler = record_crash, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
        if (sigaction(crashes[i], &action, NULL) != 0) return -1;
    return 0;
}

/// Starts a program in a process group of its own; `input` is its standard input, or -1 for none.
static int start(char *const words[], char *const variables[], int input, int with_errors,
                 int32_t *child, int *output) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    // Our end alone: a program does not expect it of its output.
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&how);
    posix_spawn_file_actions_adddup2(&files, ends[1], 1);
    if (input < 0) {
        posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    } else {
        posix_spawn_file_actions_adddup2(&files, input, 0);
        posix_spawn_file_actions_addchdir_np(&files, "/");
    }
    if (with_errors) posix_spawn_file_actions_adddup2(&files, 1, 2);
    else posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&files, 3);
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&how, &all);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setpgroup(&how, 0);
    posix_spawnattr_setflags(
        &how, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    pid_t pid = -1;
    int error = posix_spawnp(&pid, words[0], &files, &how, words, variables);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&how);
    close(ends[1]);
    if (error != 0) {
        close(ends[0]);
        return error;
    }
    *child = pid;
    *output = ends[0];
    return 0;
}

int cs_start_program(char *const words[], char *const variables[], int32_t *child, int *output) {
    return start(words, variables, -1, 0, child, output);
}

int cs_start_command(char *const words[], char *const variables[], const void *input, size_t length,
                     int32_t *child, int *output) {
    // In memory, and not a pipe: nobody has to write while it runs, and it may leave it unread.
    int memory = memfd_create("event", MFD_CLOEXEC);
    if (memory < 0) return errno;
    const char *rest = input;
    int error = 0;
    while (length > 0 && error == 0) {
        ssize_t count = write(memory, rest, length);
        if (count < 0) {
            if (errno != EINTR) error = errno;
        } else {
            rest += count;
            length -= (size_t)count;
        }
    }
    if (error == 0 && lseek(memory, 0, SEEK_SET) != 0) error = errno;
    if (error == 0) error = start(words, variables, memory, 1, child, output);
    close(memory);
    return error;
}

int cs_memory_file(void) { return memfd_create("document", MFD_CLOEXEC); }

int cs_has_ended(int32_t child) {
    siginfo_t info;
    info.si_pid = 0;
    return waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

ptrdiff_t cs_find(const void *text, size_t size, const void *pattern, size_t length) {
    const char *found = memmem(text, size, pattern, length);
    return found ? found - (const char *)text : -1;
}
