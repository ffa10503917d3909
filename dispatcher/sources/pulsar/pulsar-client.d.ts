/** What the compiler knows of the optional package, whether or not it is installed. */
declare module 'pulsar-client' {
  const client: import('./native-client.ts').NativeModule;
  export default client;
}
