#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <malloc.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int bmh_accept4(int fd, struct sockaddr_storage *peer, socklen_t *length) {
    return accept4(fd, (struct sockaddr *)peer, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int bmh_epoll_add(int epoll, int fd, unsigned events, unsigned long long token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

void bmh_trim_memory(void) { malloc_trim(0); }

void bmh_keep_large_blocks_apart(void) { mallopt(M_MMAP_THRESHOLD, 128 * 1024); }

int bmh_send_message(const char *path, const char *message, const int *descriptors, int count) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof address.sun_path || count < 0 || count > 250) return EINVAL;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@') address.sun_path[0] = 0;
    struct iovec part = {.iov_base = (void *)message, .iov_len = strlen(message)};
    union {
        char bytes[CMSG_SPACE(250 * sizeof(int))];
        struct cmsghdr align;
    } control;
    memset(&control, 0, sizeof control);
    struct msghdr header = {.msg_name = &address,
                            .msg_namelen = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length),
                            .msg_iov = &part,
                            .msg_iovlen = 1};
    if (count > 0) {
        header.msg_control = control.bytes;
        header.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
        struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
        memcpy(CMSG_DATA(rights), descriptors, (size_t)count * sizeof(int));
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return errno;
    int result = sendmsg(fd, &header, MSG_NOSIGNAL) < 0 ? errno : 0;
    close(fd);
    return result;
}

static int is_ours(const char *entry) {
    static const char *const names[] = {"LISTEN_PID=", "LISTEN_FDS=", "LISTEN_FDNAMES=", "HANIEL_SOCKETS=",
                                        "HANIEL_READY="};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(entry, names[i], strlen(names[i])) == 0) return 1;
    return 0;
}

// The environment without what told us of our own sockets; the last two entries are for the caller.
static char **successor_environment(size_t *used) {
    size_t count = 0;
    while (environ[count]) count++;
    char **result = calloc(count + 3, sizeof *result);
    if (!result) return NULL;
    *used = 0;
    for (size_t i = 0; i < count; i++)
        if (!is_ours(environ[i])) result[(*used)++] = environ[i];
    return result;
}

int bmh_spawn_successor(const char *path, char *const arguments[], const int *sockets, int count, int ready,
                        pid_t *child) {
    size_t used;
    char **environment = successor_environment(&used);
    int *copies = calloc((size_t)count + 1, sizeof *copies);
    if (!environment || !copies) {
        free(environment);
        free(copies);
        return ENOMEM;
    }
    char sockets_entry[48], ready_entry[48];
    snprintf(sockets_entry, sizeof sockets_entry, "HANIEL_SOCKETS=%d", count);
    snprintf(ready_entry, sizeof ready_entry, "HANIEL_READY=%d", count + 3);
    environment[used++] = sockets_entry;
    environment[used++] = ready_entry;

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    int result = 0;
    // Copies above all targets, so that putting one in its place overwrites no other.
    for (int i = 0; i <= count; i++) {
        copies[i] = fcntl(i < count ? sockets[i] : ready, F_DUPFD_CLOEXEC, count + 16);
        if (copies[i] < 0) result = errno;
        else posix_spawn_file_actions_adddup2(&actions, copies[i], 3 + i);
    }
    if (result == 0) result = posix_spawn(child, path, &actions, &attributes, arguments, environment);
    for (int i = 0; i <= count; i++)
        if (copies[i] > 0) close(copies[i]);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    free(environment);
    free(copies);
    return result;
}

int bmh_become_user(const char *name) {
    errno = 0;
    struct passwd *user = getpwnam(name);
    if (!user) return errno ? errno : ENOENT;
    if (initgroups(name, user->pw_gid) != 0 || setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0
        || setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0)
        return errno;
    // Whoever could become root again has given nothing up.
    return user->pw_uid != 0 && setuid(0) == 0 ? EPERM : 0;
}

int bmh_refuse_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno; }

static __thread void *thread_context;

void bmh_set_thread_context(void *context) { thread_context = context; }

void *bmh_thread_context(void) { return thread_context; }
