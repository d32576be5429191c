/* A disk for tests, put before the C library by LD_PRELOAD.
 *
 * TOCSIN_DISK_DIR     the folder it stands for
 * TOCSIN_DISK_SHADOW  what would still be there after a power cut: each file as it was at its last
 *                     fsync or fdatasync. Without it nothing is kept.
 * TOCSIN_DISK_SLOW    milliseconds that each fsync takes, as on a card
 * TOCSIN_DISK_FULL    a file; while it is there every write that makes a file longer has no room
 * TOCSIN_DISK_FAILS   a file; while it is there every write fails, as on a disk gone read-only
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))next(#name))

static pthread_mutex_t keeping = PTHREAD_MUTEX_INITIALIZER;

static void *next(const char *name) { return dlsym(RTLD_NEXT, name); }

/* Say whether a descriptor is a file of the folder; put its path below the folder in `inside`. */
static int is_ours(int fd, char *inside, size_t room) {
    const char *folder = getenv("TOCSIN_DISK_DIR");
    char link[64], path[4096];
    struct stat about;
    if (!folder || fstat(fd, &about) || !(S_ISREG(about.st_mode) || S_ISDIR(about.st_mode)))
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    size_t most = strlen(folder);
    if (strncmp(path, folder, most) || (path[most] != '/' && path[most])) return 0;
    snprintf(inside, room, "%s", path[most] ? path + most + 1 : "");
    return S_ISDIR(about.st_mode) ? 2 : 1;
}

static int is_there(const char *variable) {
    const char *path = getenv(variable);
    return path && REAL(access)(path, F_OK) == 0;
}

/* Copy a file as it is now into the shadow, in place of what was kept of it. */
static void keep(const char *inside) {
    const char *folder = getenv("TOCSIN_DISK_DIR"), *shadow = getenv("TOCSIN_DISK_SHADOW");
    char from[4096], to[4096], fresh[4200];
    struct stat about;
    if (!shadow) return;
    snprintf(from, sizeof from, "%s/%s", folder, inside);
    snprintf(to, sizeof to, "%s/%s", shadow, inside);
    snprintf(fresh, sizeof fresh, "%s.%ld", to, (long)getpid());
    for (char *at = to + strlen(shadow) + 1; (at = strchr(at, '/')); *at++ = '/') {
        *at = 0;
        mkdir(to, 0700);
    }
    int in = open(from, O_RDONLY | O_CLOEXEC);
    if (in < 0) return;
    int out = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (out >= 0 && !fstat(in, &about)) {
        off_t at = 0;
        while (at < about.st_size && sendfile(out, in, &at, about.st_size - at) > 0)
            ;
        close(out);
        REAL(rename)(fresh, to); /* a kill in between leaves what was kept before */
    }
    close(in);
}

/* Any sync keeps the names given and taken before, in their order, as ext4 does; what was renamed
 * and never synced itself is an empty file. */
static void keep_names(void) {
    const char *shadow = getenv("TOCSIN_DISK_SHADOW");
    char line[8600], list[4096], from[4096], to[4096];
    if (!shadow) return;
    snprintf(list, sizeof list, "%s/.renamed", shadow);
    FILE *names = fopen(list, "re");
    if (!names) return;
    while (fgets(line, sizeof line, names)) {
        char *tab = strchr(line, '\t');
        if (!tab) continue;
        *tab = 0;
        tab[1 + strcspn(tab + 1, "\n")] = 0;
        snprintf(from, sizeof from, "%s/%s", shadow, line);
        snprintf(to, sizeof to, "%s/%s", shadow, tab + 1);
        if (!tab[1]) {
            REAL(unlink)(from);
            continue;
        }
        if (!REAL(rename)(from, to)) continue;
        int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd >= 0) close(fd);
    }
    fclose(names);
    REAL(unlink)(list);
}

static int synced(int fd, int (*sync)(int)) {
    char inside[4096];
    int ours = is_ours(fd, inside, sizeof inside);
    const char *slow = getenv("TOCSIN_DISK_SLOW");
    if (!ours) return sync(fd);
    if (is_there("TOCSIN_DISK_FAILS")) return errno = EIO, -1;
    if (slow) usleep(1000 * atoi(slow));
    int done = getenv("TOCSIN_DISK_SHADOW") ? 0 : sync(fd); /* no need to wear the real disk */
    pthread_mutex_lock(&keeping);
    keep_names();
    if (ours == 1) keep(inside);
    pthread_mutex_unlock(&keeping);
    return done;
}

int fsync(int fd) { return synced(fd, REAL(fsync)); }
int fdatasync(int fd) { return synced(fd, REAL(fdatasync)); }

/* Say why a write up to `end` cannot be; 0: it can. */
static int refused(int fd, off_t end) {
    char inside[4096];
    struct stat about;
    int full = is_there("TOCSIN_DISK_FULL"), fails = is_there("TOCSIN_DISK_FAILS");
    if (!(full || fails) || is_ours(fd, inside, sizeof inside) != 1) return 0;
    if (fails) return EROFS;
    return !fstat(fd, &about) && end > about.st_size ? ENOSPC : 0;
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    int why = refused(fd, at + (off_t)size);
    if (why) return errno = why, -1;
    return REAL(pwrite64)(fd, data, size, at);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    int why = refused(fd, at + (off_t)size);
    if (why) return errno = why, -1;
    return REAL(pwrite)(fd, data, size, at);
}

ssize_t write(int fd, const void *data, size_t size) {
    int why = refused(fd, lseek(fd, 0, SEEK_CUR) + (off_t)size);
    if (why) return errno = why, -1;
    return REAL(write)(fd, data, size);
}

static int lengthened(int fd, off_t size, int (*cut)(int, off_t)) {
    int why = refused(fd, size);
    if (why) return errno = why, -1;
    return cut(fd, size);
}

int ftruncate(int fd, off_t size) { return lengthened(fd, size, REAL(ftruncate)); }
int ftruncate64(int fd, off64_t size) { return lengthened(fd, size, REAL(ftruncate64)); }

/* Remember that a name was taken (`to` is empty) or changed; `from` is a path of the folder. */
static void note(const char *from, const char *to) {
    const char *folder = getenv("TOCSIN_DISK_DIR"), *shadow = getenv("TOCSIN_DISK_SHADOW");
    char list[4096], line[8600];
    size_t most = folder ? strlen(folder) : 0;
    if (!shadow || strncmp(from, folder, most) || (*to && strncmp(to, folder, most))) return;
    snprintf(list, sizeof list, "%s/.renamed", shadow);
    int length = snprintf(line, sizeof line, "%s\t%s\n", from + most + 1, *to ? to + most + 1 : "");
    pthread_mutex_lock(&keeping);
    int fd = open(list, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd >= 0 && REAL(write)(fd, line, length) > 0) close(fd);
    pthread_mutex_unlock(&keeping);
}

int rename(const char *from, const char *to) {
    int done = REAL(rename)(from, to);
    if (!done) note(from, to);
    return done;
}

int unlink(const char *path) {
    int done = REAL(unlink)(path);
    if (!done) note(path, "");
    return done;
}
