/* The floor that callseat is measured against: a bare epoll loop over one hidraw node.
 *
 *     forward NODE socket PATH     every input report goes to the client of the Unix socket as a line of hex
 *     forward NODE lamps  ON OFF   every input report is answered by an output report (hex, id byte first):
 *                                  ON when the lowest bit after the id byte is set, OFF when it is not
 *
 * It decodes nothing, keeps no state, survives nothing. Ends when the node is gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { REPORT_BYTES = 4096 };

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int unhex(const char *text, unsigned char *bytes)
{
    int count = 0;
    for (unsigned value; count < REPORT_BYTES && sscanf(text + 2 * count, "%2x", &value) == 1; count++)
        bytes[count] = (unsigned char)value;
    return count;
}

static int serve(const char *path)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(name.sun_path, sizeof name.sun_path, "%s", path);
    unlink(path);
    if (listener < 0 || bind(listener, (struct sockaddr *)&name, sizeof name) || listen(listener, 1))
        fail(path);
    puts("ready");
    fflush(stdout);
    int client = accept(listener, NULL, NULL);
    if (client < 0)
        fail("accept");
    return client;
}

static void tell(int client, const unsigned char *report, ssize_t count)
{
    char line[2 * REPORT_BYTES + 2];
    for (ssize_t i = 0; i < count; i++)
        sprintf(line + 2 * i, "%02x", report[i]);
    line[2 * count] = '\n';
    if (write(client, line, (size_t)(2 * count + 1)) < 0)
        fail("client");
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: forward NODE socket PATH | forward NODE lamps ON OFF\n");
        return 2;
    }
    int node = open(argv[1], O_RDWR | O_NONBLOCK), lamps = strcmp(argv[2], "lamps") == 0;
    if (node < 0)
        fail(argv[1]);
    unsigned char image[2][REPORT_BYTES], report[REPORT_BYTES];
    int length[2] = {0, 0}, client = -1;
    if (lamps && argc > 4) {
        length[1] = unhex(argv[3], image[1]);
        length[0] = unhex(argv[4], image[0]);
        puts("ready");
        fflush(stdout);
    } else {
        client = serve(argv[3]);
    }
    struct epoll_event wanted = {.events = EPOLLIN}, came;
    int poll = epoll_create1(0);
    if (poll < 0 || epoll_ctl(poll, EPOLL_CTL_ADD, node, &wanted))
        fail("epoll");
    while (epoll_wait(poll, &came, 1, -1) > 0 || errno == EINTR) {
        ssize_t count = read(node, report, sizeof report);
        if (count < 0 && errno == EAGAIN)
            continue;
        if (count <= 1)
            return 0;
        int on = report[1] & 1;
        if (lamps && write(node, image[on], (size_t)length[on]) < 0)
            return 0;
        if (!lamps)
            tell(client, report, count);
    }
    return 0;
}
