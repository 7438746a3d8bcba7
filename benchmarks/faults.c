/* The n-th call that touches a file whose path has a given text in it fails; preloaded by faults.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_int calls;
static int at;
static char folder[256];

void fault_at(int n, const char *text) {
    strncpy(folder, text, sizeof folder - 1);
    calls = 0;
    at = n;
}

int fault_calls(void) { return calls; }

static int fails(const char *path, int why) {
    if (!folder[0] || !path || !strstr(path, folder) || ++calls != at) return 0;
    errno = why;
    return 1;
}

static int fails_at(int fd, int why) {
    char name[64], path[PATH_MAX];
    if (!folder[0]) return 0;
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(name, path, sizeof path - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return fails(path, why);
}

#define REAL(name) __typeof__(name) *real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)
#define MODE(mode) va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest)

int open(const char *path, int flags, ...) { MODE(mode); REAL(open); return fails(path, EACCES) ? -1 : real(path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(mode); REAL(open64); return fails(path, EACCES) ? -1 : real(path, flags, mode); }
int mkdir(const char *path, mode_t mode) { REAL(mkdir); return fails(path, ENOSPC) ? -1 : real(path, mode); }
int unlink(const char *path) { REAL(unlink); return fails(path, EPERM) ? -1 : real(path); }
int rename(const char *from, const char *to) { REAL(rename); return fails(to, EIO) ? -1 : real(from, to); }
ssize_t write(int fd, const void *data, size_t n) { REAL(write); return fails_at(fd, ENOSPC) ? -1 : real(fd, data, n); }
ssize_t read(int fd, void *data, size_t n) { REAL(read); return fails_at(fd, EIO) ? -1 : real(fd, data, n); }
int fsync(int fd) { REAL(fsync); return fails_at(fd, EIO) ? -1 : real(fd); }
