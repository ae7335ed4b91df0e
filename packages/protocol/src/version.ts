/** Version 1 of the protocol, as the WebSocket subprotocol names it (RFC 6455 section 1.9). */
export const subprotocol = 'godwit.v1'
