/* A disk that fails: loaded before the program's own libc (LD_PRELOAD), it watches the files whose names contain
 * DISK_FILE. DISK_FORGETS=1: when the program aborts, whatever it has not synced is undone, as after a loss of power.
 * DISK_SYNCS=n: the n-th sync and all later ones fail with EIO, and each is noted in the file DISK_LOG.
 * DISK_FULL=n: once so many bytes have been written, writing fails with ENOSPC. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

struct undo { int fd; off_t at, size; size_t count; char *old; struct undo *next; };
static struct undo *undone;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long syncs, written;

static int watched(int fd) {
    const char *name = getenv("DISK_FILE");
    char link[64], path[4096];
    if (!name) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    return strstr(path, name) && !strstr(path, "-shm");
}

static void remember(int fd, off_t at, size_t count) {
    static ssize_t (*pread_)(int, void *, size_t, off_t);
    struct stat known;
    struct undo *step;
    if (!getenv("DISK_FORGETS")) return;
    if (!pread_) pread_ = dlsym(RTLD_NEXT, "pread64");
    fstat(fd, &known);
    step = calloc(1, sizeof *step);
    step->fd = fd; step->at = at; step->size = known.st_size;
    step->old = malloc(count ? count : 1);
    ssize_t n = pread_(fd, step->old, count, at);
    step->count = n > 0 ? n : 0;
    step->next = undone;
    undone = step;
}

static int full(size_t count) {
    const char *most = getenv("DISK_FULL");
    written += count;
    if (most && written > atol(most)) { errno = ENOSPC; return 1; }
    return 0;
}

static ssize_t put(const char *name, int fd, const void *bytes, size_t count, off_t at) {
    ssize_t (*real)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, name);
    if (!watched(fd)) return real(fd, bytes, count, at);
    pthread_mutex_lock(&lock);
    if (full(count)) { pthread_mutex_unlock(&lock); return -1; }
    remember(fd, at, count);
    ssize_t n = real(fd, bytes, count, at);
    pthread_mutex_unlock(&lock);
    return n;
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t at) { return put("pwrite64", fd, bytes, count, at); }
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { return put("pwrite", fd, bytes, count, at); }

static int sync_it(const char *name, int fd) {
    int (*real)(int) = dlsym(RTLD_NEXT, name);
    if (!watched(fd)) return real(fd);
    pthread_mutex_lock(&lock);
    const char *most = getenv("DISK_SYNCS"), *log = getenv("DISK_LOG");
    syncs++;
    if (most && syncs >= atol(most)) {
        int file = log ? open(log, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
        if (file >= 0) { if (write(file, "sync\n", 5) < 0) {} close(file); }
        pthread_mutex_unlock(&lock);
        errno = EIO;
        return -1;
    }
    int done = real(fd);
    if (done == 0) {
        /* What has been synced is not undone. */
        struct undo **at = &undone;
        while (*at) {
            if ((*at)->fd == fd) { struct undo *gone = *at; *at = gone->next; free(gone->old); free(gone); }
            else at = &(*at)->next;
        }
    }
    pthread_mutex_unlock(&lock);
    return done;
}

int fsync(int fd) { return sync_it("fsync", fd); }
int fdatasync(int fd) { return sync_it("fdatasync", fd); }

void abort(void) {
    ssize_t (*real)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite64");
    pthread_mutex_lock(&lock);
    for (struct undo *step = undone; step; step = step->next) {
        if (step->count && real(step->fd, step->old, step->count, step->at) < 0) {}
        if (ftruncate(step->fd, step->size) < 0) {}
    }
    kill(getpid(), SIGKILL);
    for (;;) pause();
}
