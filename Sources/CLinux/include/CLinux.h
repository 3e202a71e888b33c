#ifndef BMH_CLINUX_H
#define BMH_CLINUX_H

// The Linux calls that Swift's Glibc module does not offer, and the few structures whose layout Swift cannot express.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/signalfd.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>
#include <arpa/inet.h>

int bmh_accept4(int fd, struct sockaddr_storage *peer, socklen_t *length);
int bmh_epoll_add(int epoll, int fd, unsigned events, unsigned long long token);
int bmh_pin_thread(int core);
void bmh_trim_memory(void);

// One pointer per thread, NULL at first.
void bmh_set_thread_context(void *context);
void *bmh_thread_context(void);

#endif
