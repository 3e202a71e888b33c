#define _GNU_SOURCE
#include "CLinux.h"
#include <malloc.h>
#include <sched.h>

int bmh_accept4(int fd, struct sockaddr_storage *peer, socklen_t *length) {
    return accept4(fd, (struct sockaddr *)peer, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

int bmh_epoll_add(int epoll, int fd, unsigned events, unsigned long long token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

void bmh_trim_memory(void) { malloc_trim(0); }

static __thread void *thread_context;

void bmh_set_thread_context(void *context) { thread_context = context; }

void *bmh_thread_context(void) { return thread_context; }

int bmh_pin_thread(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    return sched_setaffinity(0, sizeof set, &set);
}
