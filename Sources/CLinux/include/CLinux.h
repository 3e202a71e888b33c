#ifndef BMH_CLINUX_H
#define BMH_CLINUX_H

// The Linux calls that Swift's Glibc module does not offer, and the few structures whose layout Swift cannot express.
#include <sys/types.h>
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
void bmh_trim_memory(void);
// From here on blocks of 128 KiB and more are mapped, and go back to the system when they are freed.
void bmh_keep_large_blocks_apart(void);

// Sends a datagram to the socket at `path` ('@' stands for an abstract name), with descriptors; 0 or an errno.
int bmh_send_message(const char *path, const char *message, const int *descriptors, int count);

// Starts a program that gets `sockets` as descriptors 3 and up and `ready` behind them, told by HANIEL_SOCKETS and
// HANIEL_READY in its environment; 0 or an errno.
int bmh_spawn_successor(const char *path, char *const arguments[], const int *sockets, int count, int ready,
                        pid_t *child);

// Becomes the user of that name for good, with its groups alone; 0 or an errno.
int bmh_become_user(const char *name);

// Keeps the process and its children from ever gaining a privilege.
int bmh_refuse_new_privileges(void);

// One pointer per thread, NULL at first.
void bmh_set_thread_context(void *context);
void *bmh_thread_context(void);

#endif
