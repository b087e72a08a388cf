/* Numbers every call that changes files below one folder, logs it, and at a given number kills the process before
 * the call, kills it half way through a write, or fails the call. Loaded by LD_PRELOAD; `shim_arm` sets it off.
 *
 * A log entry is a line `kind result offset path-length other-length data-length`, then path, other and data:
 * c created, t truncated by open, o opened to create and was there, w written, f fsync, d fdatasync, s ftruncate,
 * r renamed, l linked, u unlinked, m made a folder, x removed a folder, y sync of a whole file system (only noted: a real one
 * would wait for the disks of the whole machine); p is a write to stdout, which has no number. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define ALIAS(name) __attribute__((alias(#name)))

enum { COUNT, KILL, HALF, FAIL };
static char root[PATH_MAX];
static long number, target;
static int mode, failure, log_fd = -1;

void shim_arm(const char *below, long at, int how, int error, const char *log) {
    snprintf(root, sizeof root, "%s/", below);
    number = 0, target = at, mode = how, failure = error;
    log_fd = log ? (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
}

long shim_count(void) { return number; }

static int below(const char *path) { return root[0] && strncmp(path, root, strlen(root)) == 0; }

static const char *named(char *full, int folder, const char *path) {
    char link[64], base[PATH_MAX];
    snprintf(link, sizeof link, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
    ssize_t length = path && path[0] == '/' ? 0 : readlink(link, base, sizeof base - 1);
    base[length > 0 ? length : 0] = 0;
    snprintf(full, PATH_MAX, path ? "%s%s%s" : "%s", base, length > 0 ? "/" : "", path);
    return full;
}

static void die(void) { syscall(SYS_kill, getpid(), SIGKILL); }

/* Gives the call its number; whether it is to fail. */
static int refused(int is_write) {
    if (++number != target) return 0;
    if (mode == KILL || (mode == HALF && !is_write)) die();
    if (mode == FAIL) errno = failure;
    return mode == FAIL;
}

static void put(const void *data, size_t length) {
    while (length > 0) {
        ssize_t done = syscall(SYS_write, log_fd, data, length);
        if (done < 0) abort();
        data = (const char *)data + done, length -= (size_t)done;
    }
}

static void note(char kind, long result, long at, const char *path, const char *other, const void *data, size_t size) {
    char line[128];
    int error = errno;
    if (log_fd < 0) return;
    size_t first = strlen(path), second = strlen(other);
    put(line, (size_t)snprintf(line, sizeof line, "%c %ld %ld %zu %zu %zu\n", kind, result, at, first, second, size));
    put(path, first), put(other, second), put(data, size);
    errno = error;
}

/* One call on a path or descriptor: numbered, refused or done, and noted. */
#define CALL(kind, path, other, at, call) \
    if (!below(path) && !below(other)) return (int)(call); \
    long result = refused(0) ? -1 : (call); \
    note(kind, result, at, path, other, "", 0); \
    return (int)result

static int opened(int folder, const char *path, int flags, mode_t rights) {
    char full[PATH_MAX];
    long call = 0;
    if (!(flags & (O_CREAT | O_TRUNC)) || (flags & O_TMPFILE) == O_TMPFILE || !below(named(full, folder, path)))
        return (int)syscall(SYS_openat, folder, path, flags, rights);
    char kind = syscall(SYS_faccessat, folder, path, F_OK) != 0 ? 'c' : flags & O_TRUNC ? 't' : 'o';
    call = refused(0) ? -1 : syscall(SYS_openat, folder, path, flags, rights);
    note(kind, call, 0, full, "", "", 0);
    return (int)call;
}

#define RIGHTS va_list rest; va_start(rest, flags); mode_t rights = va_arg(rest, mode_t); va_end(rest)
int open(const char *path, int flags, ...) { RIGHTS; return opened(AT_FDCWD, path, flags, rights); }
int open64(const char *path, int flags, ...) ALIAS(open);
int openat(int folder, const char *path, int flags, ...) { RIGHTS; return opened(folder, path, flags, rights); }
int openat64(int folder, const char *path, int flags, ...) ALIAS(openat);
int creat(const char *path, mode_t rights) { return opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, rights); }
int creat64(const char *path, mode_t rights) ALIAS(creat);

static ssize_t written(int fd, const void *data, size_t size, off_t at, int is_placed) {
    char full[PATH_MAX];
    const char *path = named(full, fd, NULL);
    if (fd == STDOUT_FILENO && root[0]) note('p', (long)size, 0, "", "", data, size);
    else if (below(path)) {
        if (!is_placed) at = lseek(fd, 0, fcntl(fd, F_GETFL) & O_APPEND ? SEEK_END : SEEK_CUR);
        int fails = refused(1), halved = mode == HALF && number == target;
        size = halved ? size / 2 : size;
        long done = fails ? -1 : is_placed ? syscall(SYS_pwrite64, fd, data, size, at) : syscall(SYS_write, fd, data, size);
        if (halved) die();
        note('w', done, at, path, "", data, done > 0 ? (size_t)done : 0);
        return done;
    }
    return is_placed ? syscall(SYS_pwrite64, fd, data, size, at) : syscall(SYS_write, fd, data, size);
}

ssize_t write(int fd, const void *data, size_t size) { return written(fd, data, size, 0, 0); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return written(fd, data, size, at, 1); }
ssize_t pwrite64(int fd, const void *data, size_t size, off_t at) ALIAS(pwrite);
ssize_t writev(int fd, const struct iovec *parts, int count) {
    char full[PATH_MAX];
    /* One part at a time, a short write as the caller must expect it anyway. */
    return count > 0 && below(named(full, fd, NULL)) ? written(fd, parts->iov_base, parts->iov_len, 0, 0)
                                                     : syscall(SYS_writev, fd, parts, count);
}

#define ON_FD(kind, at, call) char full[PATH_MAX]; CALL(kind, named(full, fd, NULL), "", at, call)
int fsync(int fd) { ON_FD('f', 0, syscall(SYS_fsync, fd)); }
int fdatasync(int fd) { ON_FD('d', 0, syscall(SYS_fdatasync, fd)); }
int ftruncate(int fd, off_t size) { ON_FD('s', size, syscall(SYS_ftruncate, fd, size)); }
int ftruncate64(int fd, off_t size) ALIAS(ftruncate);

void sync(void) {
    if (!root[0]) syscall(SYS_sync);
    else if (!refused(0)) note('y', 0, 0, "", "", "", 0);
}

int syncfs(int fd) {
    char full[PATH_MAX];
    if (!below(named(full, fd, NULL))) return (int)syscall(SYS_syncfs, fd);
    int result = refused(0) ? -1 : 0;
    note('y', result, 0, "", "", "", 0);
    return result;
}

#define ON_PATH(kind, call) char full[PATH_MAX]; CALL(kind, named(full, at, path), "", 0, call)
int unlinkat(int at, const char *path, int how) { ON_PATH(how & AT_REMOVEDIR ? 'x' : 'u', syscall(SYS_unlinkat, at, path, how)); }
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int mkdirat(int at, const char *path, mode_t rights) { ON_PATH('m', syscall(SYS_mkdirat, at, path, rights)); }
int mkdir(const char *path, mode_t rights) { return mkdirat(AT_FDCWD, path, rights); }

#define ON_PATHS(kind, call) char one[PATH_MAX], two[PATH_MAX]; CALL(kind, named(one, at, from), named(two, in, to), 0, call)
int renameat2(int at, const char *from, int in, const char *to, unsigned how) { ON_PATHS('r', syscall(SYS_renameat2, at, from, in, to, how)); }
int renameat(int at, const char *from, int in, const char *to) { return renameat2(at, from, in, to, 0); }
int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }
int linkat(int at, const char *from, int in, const char *to, int how) { ON_PATHS('l', syscall(SYS_linkat, at, from, in, to, how)); }
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }
