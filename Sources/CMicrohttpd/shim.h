#include <microhttpd.h>

// Swift cannot call a C function of variable arguments. This one never takes any more than these
// two for what is asked here, and becomes a plain call where it is used.
static inline int zuruf_connection_number(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info ? info->connect_fd : -1;
}
