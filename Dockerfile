# Three images: docker build --target daemon|agent|lab .
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS base
WORKDIR /source
ENV DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./

# Analyzers have run before a commit; here they would only cost time.
FROM base AS build
COPY protos protos
COPY src src
RUN dotnet publish src/Replicator -c Release -o /out/daemon -p:RunAnalyzers=false \
 && dotnet publish src/NodeAgent -c Release -o /out/agent -p:RunAnalyzers=false

FROM base AS build-lab
COPY lab/MeshLab lab/MeshLab
RUN dotnet publish lab/MeshLab -c Release -o /out/lab -p:RunAnalyzers=false

FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS daemon
COPY --from=build /out/daemon /app
USER $APP_UID
EXPOSE 4260 9964
ENTRYPOINT ["/app/kvstoremesh"]

# root, with the capabilities that it is given: added ones never become effective for another user.
FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS agent
COPY --from=build /out/agent /app
COPY --from=build-lab /out/lab /lab
EXPOSE 9962
ENTRYPOINT ["/app/node-agent"]

FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS lab
COPY --from=build-lab /out/lab /lab
ENTRYPOINT ["/lab/mesh-lab"]
